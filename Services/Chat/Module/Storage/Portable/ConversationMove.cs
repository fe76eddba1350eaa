using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage.Moving;

namespace MemoryMesh.Chat.Storage;

/// <summary>Moves conversations to other stores: this build has none.</summary>
internal static class ConversationMove
{
    /// <summary>Has everything of an installation that is not elsewhere stand in its folder, where it always does.</summary>
    public static Task SettleAsync(IServiceProvider services, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Refuses.</summary>
    public static Task CheckAsync(IServiceProvider services, CancellationToken cancellationToken) => throw Refusal();

    /// <summary>Refuses.</summary>
    public static Task<RowDigest> RunAsync(IServiceProvider from, IServiceProvider to, CancellationToken cancellationToken) => throw Refusal();

    private static StartupException Refusal() => new("This build has no MongoDB: `-p:Stack=aspire` builds one that has it.");
}
