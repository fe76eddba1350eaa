using MemoryMesh.Contracts.Search;
using MemoryMesh.Contracts.Auth;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Retention;
using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Retention;

/// <summary>A clock that stands still, but for waits: whoever waits on it gets the time he waits for at once.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Waits that were asked for.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.UtcTicks;

    public void Advance(TimeSpan time) => _now += time;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (dueTime > TimeSpan.Zero)
            {
                Waits.Add(dueTime);
                _now += dueTime;
            }
        }

        return new Timer(_ => callback(state), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

/// <summary>A store in memory with the rules of the real one.</summary>
internal sealed class FakeRetentionStore : IRetentionStore
{
    public Dictionary<Guid, TenantPolicy> Policies { get; } = [];

    public Dictionary<Guid, RetentionRun> Runs { get; } = [];

    public DateTimeOffset? LastPass { get; private set; }

    /// <summary>Called at each update of a run, before it is kept.</summary>
    public Action<RetentionRun> OnUpdate { get; set; } = _ => { };

    public Task<TenantPolicy?> FindPolicyAsync(Guid tenantId, CancellationToken cancellationToken) => Task.FromResult(Policies.GetValueOrDefault(tenantId));

    public Task<TenantPolicy?> SavePolicyAsync(Guid tenantId, Func<TenantPolicy?, TenantPolicy?> change, CancellationToken cancellationToken)
        => Task.FromResult(change(Policies.GetValueOrDefault(tenantId)) is { } changed ? Policies[tenantId] = changed : null);

    public Task<(TenantPolicy? Found, bool Deleted)> DeletePolicyAsync(Guid tenantId, Func<TenantPolicy, bool> allowed, CancellationToken cancellationToken)
        => Task.FromResult((Policies.GetValueOrDefault(tenantId), Policies.Remove(tenantId)));

    public Task<IReadOnlyList<Guid>> ListTenantsWithPolicyAsync(Guid? after, int limit, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<Guid>>(
            [.. Policies.Values.Where(policy => policy.Enabled).Select(policy => policy.TenantId).Order().Where(id => after is null || id > after).Take(limit)]);

    public Task<bool> TryAddRunAsync(RetentionRun run, CancellationToken cancellationToken)
        => Task.FromResult(!Runs.Values.Any(other => other.TenantId == run.TenantId && other.Status == RunStatus.Running) && Runs.TryAdd(run.Id, run));

    public Task<RetentionRun?> FindRunAsync(Guid tenantId, Guid runId, CancellationToken cancellationToken)
        => Task.FromResult(Runs.GetValueOrDefault(runId) is { } run && run.TenantId == tenantId ? run : null);

    public Task<IReadOnlyList<RetentionRun>> ListRunsAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<RetentionRun>>([.. Runs.Values.Where(run => run.TenantId == tenantId).Take(limit)]);

    public Task<IReadOnlyList<RetentionRun>> ListUnfinishedAsync(CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<RetentionRun>>([.. Runs.Values.Where(run => run.Status == RunStatus.Running)]);

    public Task UpdateRunAsync(RetentionRun run, CancellationToken cancellationToken)
    {
        OnUpdate(run);
        Runs[run.Id] = run;
        return Task.CompletedTask;
    }

    public Task TrimRunsAsync(DateTimeOffset finishedBefore, CancellationToken cancellationToken)
    {
        foreach (var run in Runs.Values.Where(run => run.FinishedAt < finishedBefore).ToList())
        {
            Runs.Remove(run.Id);
        }

        return Task.CompletedTask;
    }

    public Task<DateTimeOffset?> FindLastPassAsync(CancellationToken cancellationToken) => Task.FromResult(LastPass);

    public Task SaveLastPassAsync(DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        LastPass = startedAt;
        return Task.CompletedTask;
    }
}

/// <summary>Chat and Memory with a number of items that are covered, and faults to order.</summary>
internal sealed class FakeOwner : IChatClient, IMemoryClient
{
    private readonly Queue<Exception> _faults = [];

    /// <summary>How many items the orders still cover.</summary>
    public int Covered { get; set; }

    public List<RetentionOrder> Orders { get; } = [];

    public void FailNext(int times, Func<Exception> fault)
    {
        for (var i = 0; i < times; i++)
        {
            _faults.Enqueue(fault());
        }
    }

    public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Orders.Add(order);
        if (_faults.TryDequeue(out var fault))
        {
            throw fault;
        }

        var acted = Math.Min(order.BatchSize, Covered);
        Covered -= acted;
        return Task.FromResult(acted);
    }

    public Task<IReadOnlyList<MemoryItem>> GetBelievedMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<ChatMessage>> GetMessagesAsync(Guid tenantId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<ChatMessage>> GetRecentMessagesAsync(
        Guid tenantId, Guid conversationKey, Guid? subjectKey, int limit, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<ChatMessage>> GetPrecedingUserMessagesAsync(Guid tenantId, Guid messageId, int limit, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<bool> WaitUntilExtractedAsync(
        Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<MemoryItem>> GetMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
        => throw new NotSupportedException();
}

/// <summary>Auth with a number of tenants.</summary>
internal sealed class FakeAuth(params Guid[] tenants) : IAuthClient
{
    public int Pages { get; private set; }

    public Task<IReadOnlyList<Guid>> ListTenantsAsync(Guid? after, int limit, CancellationToken cancellationToken)
    {
        Pages++;
        return Task.FromResult<IReadOnlyList<Guid>>([.. tenants.Order().Where(id => after is null || id > after).Take(limit)]);
    }

    public Task<string> GetSigningKeysAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindSessionAsync(Guid accountId, Guid sessionId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindApiKeyAsync(string keyHash, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindApiKeyByIdAsync(Guid apiKeyId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TicketHolder?> RedeemTicketAsync(string ticketHash, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PrincipalInfo?> FindLocalOwnerAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TenantMembership?> FindMembershipAsync(MembershipQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>The use cases over fakes.</summary>
internal sealed class RetentionWorld
{
    public RetentionWorld(Action<RetentionOptions>? configure = null, params Guid[] tenants)
    {
        var options = new RetentionOptions();
        configure?.Invoke(options);
        Auth = new FakeAuth(tenants);
        Policies = new PolicyInForce(Store, Options.Create(options));
        StartRun = new StartRun(Store, Policies, Clock);
        CarryOutRun = new CarryOutRun(Store, Chat, Memory, Clock, NullLogger<CarryOutRun>.Instance);
        Pass = new RunForEveryTenant(
            Store, Auth, Policies, StartRun, CarryOutRun, Options.Create(options), Clock, NullLogger<RunForEveryTenant>.Instance);
    }

    public LeapingClock Clock { get; } = new();

    public FakeRetentionStore Store { get; } = new();

    public FakeOwner Chat { get; } = new();

    public FakeOwner Memory { get; } = new();

    public FakeAuth Auth { get; }

    public PolicyInForce Policies { get; }

    public StartRun StartRun { get; }

    public CarryOutRun CarryOutRun { get; }

    public RunForEveryTenant Pass { get; }

    public Guid TenantWithPolicy(
        RetentionAction action = RetentionAction.Delete,
        RetentionTargets appliesTo = RetentionTargets.Messages | RetentionTargets.Memories,
        bool enabled = true,
        Guid? tenantId = null)
    {
        var id = tenantId ?? Guid.NewGuid();
        Store.Policies[id] = new TenantPolicy
        {
            TenantId = id,
            Policy = new RetentionPolicy(30, 0.5, action, appliesTo),
            Enabled = enabled,
            Version = 1,
            UpdatedAt = Clock.GetUtcNow(),
            UpdatedBy = Guid.NewGuid(),
        };
        return id;
    }

    public async Task<RetentionRun> StartAsync(Guid tenantId)
        => (await StartRun.HandleAsync(tenantId, RunTrigger.Manual, Guid.NewGuid(), default)).Run ?? throw new InvalidOperationException("No run started.");
}
