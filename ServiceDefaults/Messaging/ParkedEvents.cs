using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>An event that a consumer could not take after all its tries.</summary>
/// <param name="EventId">Id of the event.</param>
/// <param name="Subscription">The queue whose consumer it was, or <c>relay</c> for one that could not be published.</param>
/// <param name="Service">Service whose store keeps it.</param>
/// <param name="EventType">Wire name of its type.</param>
/// <param name="Reason">Class of the exception that the last try met.</param>
/// <param name="Attempts">Tries that failed.</param>
/// <param name="ParkedAt">When it was parked.</param>
/// <param name="Retrying">Whether it is about to be driven again.</param>
public sealed record ParkedEvent(
    Guid EventId, string Subscription, string Service, string EventType, string Reason, int Attempts, DateTimeOffset ParkedAt, bool Retrying);

/// <summary>A place in the list of parked events, newest first.</summary>
public sealed record ParkedPlace(DateTimeOffset ParkedAt, Guid EventId, string Subscription);

/// <summary>Which parked events are asked for.</summary>
/// <param name="Subscription">Of this queue only, or null.</param>
/// <param name="After">Only those that stand after this one, or null.</param>
/// <param name="Limit">Most of them.</param>
public sealed record ParkedQuery(string? Subscription, ParkedPlace? After, int Limit);

/// <summary>Which parked events are to be driven again.</summary>
/// <param name="EventIds">Those of these events, or null for all.</param>
/// <param name="Subscription">Of this queue only, or null.</param>
public sealed record ParkedRetry(IReadOnlyList<Guid>? EventIds, string? Subscription);

/// <summary>Parked events, of this process or of all services.</summary>
public interface IParkedEvents
{
    /// <summary>Lists them, newest first.</summary>
    Task<IReadOnlyList<ParkedEvent>> ListAsync(ParkedQuery query, CancellationToken cancellationToken);

    /// <summary>Has them driven again, once each. One that fails again is parked again.</summary>
    /// <returns>How many.</returns>
    Task<int> RetryAsync(ParkedRetry retry, CancellationToken cancellationToken);
}

/// <summary>Those in the stores of this process.</summary>
internal sealed class LocalParkedEvents(IEnumerable<ModuleStore> databases, ParkedBell bell, TimeProvider clock) : IParkedEvents
{
    public async Task<IReadOnlyList<ParkedEvent>> ListAsync(ParkedQuery query, CancellationToken cancellationToken)
    {
        var lists = new List<IReadOnlyList<ParkedEvent>>();
        foreach (var database in databases)
        {
            lists.Add(await database.Data.ReadAsync(session => Read(session, database.Name, query), cancellationToken));
        }

        return ParkedLists.Merge(lists, query.Limit);
    }

    public async Task<int> RetryAsync(ParkedRetry retry, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var database in databases)
        {
            count += await database.Data.WriteAsync(session => Mark(session, retry, clock.GetUtcNow()), cancellationToken);
        }

        bell.Ring();
        return count;
    }

    private static List<ParkedEvent> Read(StoreSession session, string service, ParkedQuery query)
        => session.Query(
            """
            SELECT id, subscription, type, reason, attempts, parked_at, retry_at FROM parked_events
            WHERE subscription = coalesce($1, subscription) AND (parked_at, id, subscription) < ($2, $3, $4)
            ORDER BY parked_at DESC, id DESC, subscription DESC LIMIT $5
            """,
            row => new ParkedEvent(row.Id(0), row.Text(1), service, row.Text(2), row.Text(3), (int)row.Int64(4), row.Time(5), !row.IsNull(6)),
            query.Subscription,
            query.After?.ParkedAt ?? DateTimeOffset.MaxValue,
            query.After?.EventId ?? Guid.AllBitsSet,
            query.After?.Subscription ?? "",
            query.Limit);

    private static int Mark(StoreSession session, ParkedRetry retry, DateTimeOffset now)
        => retry.EventIds is null
            ? session.Execute("UPDATE parked_events SET retry_at = $1 WHERE retry_at IS NULL AND subscription = coalesce($2, subscription)", now, retry.Subscription)
            : retry.EventIds.Distinct().Sum(id => session.Execute(
                "UPDATE parked_events SET retry_at = $1 WHERE retry_at IS NULL AND id = $3 AND subscription = coalesce($2, subscription)", now, retry.Subscription, id));
}

/// <summary>Those of all services, which are processes of their own.</summary>
internal sealed class RemoteParkedEvents(InternalHttp http) : IParkedEvents
{
    private const string ListCall = "parked-events";
    private const string RetryCall = "retry-parked-events";

    public async Task<IReadOnlyList<ParkedEvent>> ListAsync(ParkedQuery query, CancellationToken cancellationToken)
        => ParkedLists.Merge(
            await Task.WhenAll(ServiceAddresses.All.Select(service => http.CallAsync<ParkedQuery, IReadOnlyList<ParkedEvent>>(service, ListCall, query, cancellationToken))), query.Limit);

    public async Task<int> RetryAsync(ParkedRetry retry, CancellationToken cancellationToken)
        => (await Task.WhenAll(ServiceAddresses.All.Select(service => http.CallAsync<ParkedRetry, int>(service, RetryCall, retry, cancellationToken)))).Sum();

    /// <summary>Serves the calls in each service.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var store in routes.ServiceProvider.GetServices<ModuleStoreName>())
        {
            var group = routes.MapInternalGroup(store.Name);
            group.MapCall<IParkedEvents, ParkedQuery, IReadOnlyList<ParkedEvent>>(ListCall, (parked, query, token) => parked.ListAsync(query, token));
            group.MapCall<IParkedEvents, ParkedRetry, int>(RetryCall, (parked, retry, token) => parked.RetryAsync(retry, token));
        }
    }
}

internal static class ParkedLists
{
    /// <summary>Joins lists that are in order, newest first.</summary>
    public static IReadOnlyList<ParkedEvent> Merge(IEnumerable<IReadOnlyList<ParkedEvent>> lists, int limit)
        =>
        [
            .. lists.SelectMany(list => list)
                .OrderByDescending(item => item.ParkedAt)
                .ThenByDescending(item => item.EventId.ToString("N"), StringComparer.Ordinal)
                .ThenByDescending(item => item.Subscription, StringComparer.Ordinal)
                .Take(limit),
        ];
}

/// <summary>Wakes who drives parked events again.</summary>
internal sealed class ParkedBell : Bell;

/// <summary>Registers parked events.</summary>
public static class ParkedEventExtensions
{
    /// <summary>Those of this process, and who drives them again.</summary>
    internal static void AddParkedEvents(this IServiceCollection services)
    {
        services.AddSingleton<ParkedBell>();
        services.AddSingleton<IParkedEvents, LocalParkedEvents>();
        services.AddHostedService<ParkedDriver>();
    }

    /// <summary>Has this process speak of the parked events of all services, which it reaches over HTTP.</summary>
    public static void AddParkedEventsOfServices(this IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<IParkedEvents, RemoteParkedEvents>());
}
