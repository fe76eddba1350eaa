namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>The words of the API for what the store keeps as numbers.</summary>
internal static class ExportNames
{
    public const string Conversation = "conversation";
    public const string Subject = "subject";
    public const string Tenant = "tenant";
    public const string Analytics = "analytics";

    public static string Of(ExportSubject what) => what switch
    {
        ExportSubject.Conversation => Conversation,
        ExportSubject.Subject => Subject,
        ExportSubject.Analytics => Analytics,
        _ => Tenant,
    };

    public static ExportSubject ParseSubject(string what) => what switch
    {
        Conversation => ExportSubject.Conversation,
        Subject => ExportSubject.Subject,
        Analytics => ExportSubject.Analytics,
        _ => ExportSubject.Tenant,
    };

    public static string Of(ExportFormat format) => format switch
    {
        ExportFormat.Json => "json",
        ExportFormat.Ndjson => "ndjson",
        ExportFormat.Csv => "csv",
        _ => "markdown",
    };

    public static ExportFormat ParseFormat(string format) => format switch
    {
        "json" => ExportFormat.Json,
        "ndjson" => ExportFormat.Ndjson,
        "csv" => ExportFormat.Csv,
        _ => ExportFormat.Markdown,
    };

    public static string MediaTypeOf(ExportFormat format) => format switch
    {
        ExportFormat.Json => "application/json",
        ExportFormat.Ndjson => "application/x-ndjson",
        ExportFormat.Csv => "text/csv; charset=utf-8; header=present",
        _ => "text/markdown; charset=utf-8",
    };

    public static string ExtensionOf(ExportFormat format) => format == ExportFormat.Markdown ? "md" : Of(format);

    public static string Of(ExportStatus status) => status switch
    {
        ExportStatus.Pending => "pending",
        ExportStatus.Running => "running",
        ExportStatus.Completed => "completed",
        ExportStatus.Failed => "failed",
        _ => "expired",
    };

    public static string? Of(ExportError? error) => error switch
    {
        null => null,
        ExportError.Unavailable => "unavailable",
        ExportError.TooLarge => "too_large",
        ExportError.Gone => "gone",
        ExportError.Forbidden => "forbidden",
        ExportError.DiskFull => "disk_full",
        _ => "failed",
    };
}
