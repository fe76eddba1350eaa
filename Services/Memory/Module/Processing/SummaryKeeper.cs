using MemoryMesh.Memory.Summaries;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Memory.Processing;

/// <summary>
/// Refreshes summaries in the background when messages were stored, so that reading one seldom has to. Which conversations wait is kept in memory only:
/// a summary that was missed is refreshed when it is read, or with the next message.
/// </summary>
internal sealed class SummaryKeeper(
    SummariseConversation summaries, TimeProvider clock, ILogger<SummaryKeeper> logger, IHostApplicationLifetime? lifetime = null) : BackgroundService
{
    /// <summary>Conversations that may wait; of a flood of new ones the later are left to their readers.</summary>
    private const int MostWaiting = 10_000;
    private const int AtATime = 20;
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly ChangeBell _bell = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(Guid TenantId, Guid ConversationKey), Guid> _waiting = [];

    /// <summary>Notes that messages were stored in a conversation.</summary>
    public void Note(Guid tenantId, Guid conversationKey, Guid subjectKey)
    {
        lock (_gate)
        {
            if (_waiting.Count < MostWaiting)
            {
                _waiting[(tenantId, conversationKey)] = subjectKey;
            }
        }

        _bell.Ring();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.SettleAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            List<KeyValuePair<(Guid TenantId, Guid ConversationKey), Guid>> some;
            lock (_gate)
            {
                some = [.. _waiting.Take(AtATime)];
                some.ForEach(conversation => _waiting.Remove(conversation.Key));
            }

            foreach (var (conversation, subjectKey) in some)
            {
                await RefreshAsync(conversation.TenantId, conversation.ConversationKey, subjectKey, stoppingToken);
            }

            if (some.Count == 0)
            {
                await _bell.WaitAsync(LongestWait, clock, stoppingToken);
            }

            await Task.Delay(Gathering, clock, stoppingToken);
        }
    }

    private async Task RefreshAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
    {
        try
        {
            await summaries.RefreshAsync(tenantId, conversationKey, subjectKey, cancellationToken);
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or StorageUnavailableException)
        {
            // Whoever reads it refreshes it.
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.SummaryFailed(logger, exception);
        }
    }
}
