namespace MemoryMesh.Retention.Transfers.Imports;

/// <summary>The words of the API for what the store keeps as numbers.</summary>
internal static class ImportNames
{
    public static string Of(ImportFormat format) => format switch
    {
        ImportFormat.MemoryMesh => "memorymesh",
        ImportFormat.ChatGpt => "chatgpt",
        _ => "messages",
    };

    public static ImportFormat? ParseFormat(string? format) => format switch
    {
        "memorymesh" => ImportFormat.MemoryMesh,
        "chatgpt" => ImportFormat.ChatGpt,
        "messages" => ImportFormat.Messages,
        _ => null,
    };

    public static string Of(ImportStatus status) => status switch
    {
        ImportStatus.Uploading => "uploading",
        ImportStatus.Pending => "pending",
        ImportStatus.Running => "running",
        ImportStatus.Completed => "completed",
        _ => "failed",
    };

    public static string? Of(ImportError? error) => error switch
    {
        null => null,
        ImportError.Unavailable => "unavailable",
        ImportError.Malformed => "malformed",
        ImportError.Forbidden => "forbidden",
        ImportError.DiskFull => "disk_full",
        ImportError.Gone => "gone",
        _ => "failed",
    };
}
