using MemoryMesh.Contracts.Chat;
using MemoryMesh.Memory.Storage;

namespace MemoryMesh.Memory.Preferences;

/// <summary>Learns from messages how their subjects write and want to be answered.</summary>
internal sealed class ObservePreferences(IPreferenceStore store, TimeProvider clock)
{
    private const string UserRole = "user";

    /// <summary>How far a server's clock may be behind another's.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(1);

    /// <summary>Observes messages of one tenant that may be learned from.</summary>
    /// <remarks>
    /// Ids of messages rise in the order of storing, so the newest one observed tells which of a repeated delivery were observed before. Imported messages
    /// have ids of another kind and are left out: they say how somebody once wrote.
    /// </remarks>
    public async Task HandleAsync(Guid tenantId, IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var newest = Guid.CreateVersion7(clock.GetUtcNow() + ClockDifference);
        foreach (var subject in messages
            .Where(message => message is { Role: UserRole, ExtractMemory: true, Version: 1 } && message.Id.Version == 7 && message.Id.CompareTo(newest) < 0)
            .GroupBy(message => message.SubjectKey))
        {
            var read = subject.OrderBy(message => message.Id).Select(message => (Message: message, Observations: MessageStyle.Read(message.Content))).ToList();
            await store.ChangeAsync(
                tenantId,
                subject.Key,
                preferences =>
                {
                    foreach (var (message, observations) in read.Where(item => item.Message.Id.CompareTo(preferences.LastMessage) > 0).ToList())
                    {
                        preferences = preferences.Observe(observations, message.Id, message.CreatedAt).ObserveHour(message.CreatedAt) with { LastMessage = message.Id };
                    }

                    return preferences;
                },
                learned: true,
                cancellationToken);
        }
    }
}
