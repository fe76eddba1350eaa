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

    /// <summary>The tenant has as many exports, or imports, as it may.</summary>
    public static readonly ProblemKind TooManyTransfers = new(
        "too-many-transfers", 409, "Too many exports or imports", "The tenant has as many exports or imports waiting, running or kept as it may have. Wait for one to end, or delete one.");

    /// <summary>The file of an export is not written yet.</summary>
    public static readonly ProblemKind ExportNotReady = new(
        "export-not-ready", 409, "The export is not ready", "The export is not completed. `GET /v1/exports/{id}` shows how it stands.");

    /// <summary>The file of an export is deleted.</summary>
    public static readonly ProblemKind ExportExpired = new(
        "export-expired", 410, "The export expired", "The file of this export was deleted when its time was over. Ask for a new export.");

    /// <summary>A download link is too old.</summary>
    public static readonly ProblemKind LinkExpired = new(
        "link-expired", 410, "The link expired", "This download link is too old. `GET /v1/exports/{id}` gives a fresh one.");

    /// <summary>The erasure goes on.</summary>
    public static readonly ProblemKind ErasureNotCompleted = new(
        "erasure-not-completed", 409, "The erasure is not completed", "There is a receipt when every service has erased the subject. `GET /v1/privacy/erasures/{id}` shows how far it is.");

    /// <summary>A part of an upload does not follow what is here.</summary>
    public static readonly ProblemKind UploadOffset = new(
        "upload-offset", 409, "The part does not follow", "The part of the upload does not begin where the last one ended, or another one is on its way. The Upload-Offset header, and `GET /v1/imports/{id}`, tell where to go on.");

    /// <summary>The import is not in the state for this.</summary>
    public static readonly ProblemKind ImportState = new(
        "import-state", 409, "Not possible now", "An upload can be continued while the import has the status `uploading`, and an import be resumed when it failed and its file is still kept.");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<ProblemKind> All = [RunInProgress, NoPolicy, TooManyTransfers, ExportNotReady, ExportExpired, LinkExpired, UploadOffset, ImportState, ErasureNotCompleted];
}
