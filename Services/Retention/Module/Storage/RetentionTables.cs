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
        new(RetentionModule.Name, "exports", true, null, "Rows about the subject, and of its tenant's exports that may hold the subject's data, are deleted with their files, which are sealed."),
    ];
}
