using Microsoft.Extensions.Logging;

namespace MemoryMesh.Memory;

/// <summary>Log messages of the Memory service.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "The background work on {Count} memories failed; it is tried again")]
    public static partial void ProcessingFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "Memory {MemoryId} failed after {Attempts} tries: {Error}")]
    public static partial void MemoryFailed(ILogger logger, Guid memoryId, int attempts, string error);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "Search is unavailable for a context ({Reason}); the most important memories are given instead")]
    public static partial void ContextDegraded(ILogger logger, string reason);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "Profiles could not be rebuilt; it is tried again")]
    public static partial void ProfilesFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "The language model gave nothing to use for {Purpose}: {Failure}; the server goes on without it")]
    public static partial void LlmFailed(ILogger logger, string purpose, string failure);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "A summary could not be refreshed; it is tried again when it is read")]
    public static partial void SummaryFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Warning, Message = "Memories of one owner could not be consolidated; the run goes on without them")]
    public static partial void OwnerNotConsolidated(ILogger logger, Exception? exception);

    [LoggerMessage(EventId = 3008, Level = LogLevel.Warning, Message = "The consolidation was stopped; it is gone on with")]
    public static partial void ConsolidationStopped(ILogger logger, Exception exception);
}
