using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Retention.Storage;

/// <summary>Every table of the service.</summary>
internal static class RetentionTables
{
    public static readonly IReadOnlyList<TableRule> All =
    [
        .. TableRule.Shared(RetentionModule.Name),
        new(RetentionModule.Name, "retention_policies", true, "That the account set the policy, and when.", "The account's id is replaced by zeros; the policy stays, it is the tenant's."),
        new(RetentionModule.Name, "retention_runs", true, "Runs that the account started: time, outcome and counts.", "The account's id is removed; the run stays, it is the tenant's."),
        new(RetentionModule.Name, "retention_passes", false, null, null),
        new(RetentionModule.Name, "exports", true, null, "Rows about the subject are deleted with their files; the files of other exports of the tenant, which may hold the subject's data, are deleted too.")
        {
            Subject = "owner_key",
        },
        new(RetentionModule.Name, "imports", true, null, "Rows of the subject are deleted with their files; unfinished imports of the tenant end, and their files, which may hold the subject's data, are deleted too.")
        {
            Subject = "owner_key",
        },
        new(RetentionModule.Name, "import_errors", false, null, null),
        new(RetentionModule.Name, "erasure_requests", true, "When the subject was erased, and on whose request.", "What the request named is removed when it is completed.")
        {
            Subject = "subject_key",
            Keeps = "Times, status and receipt under the subject's keyed hash: the proof.",
            OutlivesTenant = true,
        },
        new(RetentionModule.Name, "erasure_steps", true, "What was deleted by each service.", "Counts only; they stay with the request."),
        new(RetentionModule.Name, "receipt_keys", false, null, null),
    ];
}
