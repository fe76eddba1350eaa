using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Retention;

/// <summary>Problems that only Retention answers with.</summary>
internal static class RetentionProblems
{
    /// <summary>A run of the tenant has not finished.</summary>
    public static readonly ProblemKind RunInProgress = new(
        "retention-run-in-progress", 409, "A run is in progress", "The tenant has a retention run that is not finished. Wait for it; `GET /v1/admin/retention/runs` shows it.");

    /// <summary>There is nothing to run.</summary>
    public static readonly ProblemKind NoPolicy = new(
        "no-retention-policy", 422, "No retention policy is in force", "The tenant has no enabled policy and no default policy is configured. Set one with `PUT /v1/retention/policy`.");

    /// <summary>The erasure goes on.</summary>
    public static readonly ProblemKind ErasureNotCompleted = new(
        "erasure-not-completed", 409, "The erasure is not completed", "There is a receipt when every service has erased the subject. `GET /v1/privacy/erasures/{id}` shows how far it is.");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ProblemKind> All = [RunInProgress, NoPolicy, ErasureNotCompleted];
}
