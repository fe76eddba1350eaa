using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryMesh.Search.Kept;

/// <summary>Lets a caller to what its account keeps in a tenant, and to the messages and memories it may mark there.</summary>
internal sealed class KeeperDoor(TenantGuard guard, KeyedNames names, IChatClient chat, IMemoryClient memories)
{
    /// <summary>The keeper. Exactly one of the two is set.</summary>
    public async Task<(Keeper? Keeper, ProblemHttpResult? Problem)> EnterAsync(
        Caller caller, string? tenantId, Permission permission, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, permission, cancellationToken);
        return access is null ? (null, problem) : (KeeperOf(access), null);
    }

    /// <summary>The keeper with its rights. Exactly one of access and problem is set.</summary>
    public async Task<(TenantAccess? Access, Keeper Keeper, ProblemHttpResult? Problem)> EnterToMarkAsync(
        Caller caller, string? tenantId, Permission permission, CancellationToken cancellationToken)
    {
        var (access, problem) = await guard.EnterAsync(caller, tenantId, permission, cancellationToken);
        return access is null ? (null, default, problem) : (access, KeeperOf(access), null);
    }

    /// <summary>Those messages that the caller may read, by id.</summary>
    public async Task<IReadOnlyDictionary<Guid, ChatMessage>> FindMessagesAsync(TenantAccess access, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var own = KeeperOf(access).OwnerKey;
        return ids.Count == 0
            ? new Dictionary<Guid, ChatMessage>()
            : (await chat.GetMessagesAsync(access.TenantId, ids, cancellationToken))
                .Where(message => access.ActsForEverySubject || message.SubjectKey == own)
                .ToDictionary(message => message.Id);
    }

    /// <summary>Those memories that the caller may read, by id.</summary>
    public async Task<IReadOnlyDictionary<Guid, MemoryItem>> FindMemoriesAsync(TenantAccess access, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var own = KeeperOf(access).OwnerKey;
        return ids.Count == 0
            ? new Dictionary<Guid, MemoryItem>()
            : (await memories.GetMemoriesAsync(access.TenantId, ids, cancellationToken))
                .Where(memory => access.ActsForEverySubject || memory.OwnerKey == own || memory.OwnerKey == access.TenantId || access.ReadableTeams.Contains(memory.OwnerKey))
                .ToDictionary(memory => memory.Id);
    }

    private Keeper KeeperOf(TenantAccess access) => new(access.TenantId, names.SubjectKey(access.TenantId, access.OwnUserId));
}
