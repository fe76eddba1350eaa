using MemoryMesh.Chat.Storage;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Chat.Features;

/// <summary>What an answer waits for after its messages are stored: the query parameter <c>wait</c>, its values joined by commas.</summary>
[Flags]
internal enum WaitFor
{
    /// <summary>Nothing more.</summary>
    Nothing = 0,

    /// <summary>Until they can be found by search: <c>indexed</c>.</summary>
    Indexed = 1,

    /// <summary>Until memories were drawn from them: <c>memories</c>.</summary>
    Memories = 2,

    /// <summary>Until they can be found by their meaning: <c>embedded</c>.</summary>
    Embedded = 4,
}

/// <summary>Holds an answer until other services are done with what was stored.</summary>
internal sealed class StoredWait(ISearchClient search, IMemoryClient memories)
{
    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Reads the query parameter; null when it has another value.</summary>
    public static WaitFor? Parse(string? wait)
    {
        var result = WaitFor.Nothing;
        foreach (var part in wait?.Split(',') ?? [])
        {
            switch (part)
            {
                case "indexed":
                    result |= WaitFor.Indexed;
                    break;
                case "embedded":
                    result |= WaitFor.Embedded;
                    break;
                case "memories":
                    result |= WaitFor.Memories;
                    break;
                default:
                    return null;
            }
        }

        return result;
    }

    /// <summary>Waits for messages of any tenants.</summary>
    /// <returns>False when the limit passed, or a service cannot tell: the messages are stored all the same.</returns>
    public async Task<bool> WaitAsync(WaitFor wait, IEnumerable<MessageRecord> messages, CancellationToken cancellationToken)
    {
        if (wait == WaitFor.Nothing)
        {
            return true;
        }

        try
        {
            var waits = new List<Task<bool>>();
            foreach (var tenant in messages.GroupBy(message => message.TenantId))
            {
                if (wait.HasFlag(WaitFor.Indexed))
                {
                    waits.Add(search.WaitUntilIndexedAsync(tenant.Key, [.. tenant.Select(VersionOf)], Limit, cancellationToken));
                }

                if (wait.HasFlag(WaitFor.Embedded))
                {
                    waits.Add(search.WaitUntilEmbeddedAsync(tenant.Key, [.. tenant.Select(VersionOf)], Limit, cancellationToken));
                }

                // Memories are drawn from what people say, where the client allows it.
                var telling = tenant.Where(message => message.ExtractMemory && message.Role == MessageRoles.User).Select(VersionOf).ToList();
                if (wait.HasFlag(WaitFor.Memories) && telling.Count > 0)
                {
                    waits.Add(memories.WaitUntilExtractedAsync(tenant.Key, telling, Limit, cancellationToken));
                }
            }

            return (await Task.WhenAll(waits)).All(done => done);
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or StorageUnavailableException)
        {
            return false;
        }
    }

    private static MessageVersion VersionOf(MessageRecord message) => new(message.Id, message.Version);
}
