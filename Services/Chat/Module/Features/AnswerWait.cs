using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Chat.Features;

/// <summary>What an answer waits for after the messages are stored.</summary>
internal enum WaitFor
{
    /// <summary>Nothing more.</summary>
    Nothing,

    /// <summary>Search can find the messages.</summary>
    Indexed,

    /// <summary>Memory has drawn what the messages tell.</summary>
    Memories,
}

/// <summary>Holds an answer until what was stored has been taken up by another service.</summary>
internal sealed class AnswerWait(ISearchClient search, IMemoryClient memory)
{
    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Waits for new messages of any tenants.</summary>
    /// <returns>False when the limit passed, or the other service cannot tell: the messages are stored all the same.</returns>
    public async Task<bool> WaitAsync(WaitFor what, IEnumerable<MessageRecord> messages, CancellationToken cancellationToken)
    {
        if (what == WaitFor.Nothing)
        {
            return true;
        }

        try
        {
            var waits = messages
                .Where(message => what == WaitFor.Indexed || message.ExtractMemory)
                .GroupBy(message => message.TenantId, message => new MessageVersion(message.Id, message.Version))
                .Select(tenant => what == WaitFor.Indexed
                    ? search.WaitUntilIndexedAsync(tenant.Key, [.. tenant], Limit, cancellationToken)
                    : memory.WaitUntilDrawnAsync(tenant.Key, [.. tenant], Limit, cancellationToken));
            return (await Task.WhenAll(waits)).All(done => done);
        }
        catch (DependencyUnavailableException)
        {
            return false;
        }
    }
}
