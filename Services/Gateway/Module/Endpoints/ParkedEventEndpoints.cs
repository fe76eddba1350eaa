using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Gateway.Endpoints;

/// <summary>An event that a consumer could not take. It names no person and holds no text.</summary>
internal sealed record ParkedEventResponse
{
    /// <summary>Id of the event; several consumers can have parked one.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The queue whose consumer could not take it, or <c>relay</c> when it could not be published.</summary>
    public required string Subscription { get; init; }

    /// <summary>Service that keeps it.</summary>
    public required string Service { get; init; }

    /// <summary>What happened, for example <c>MessageStored</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>Kind of the error that the last try met.</summary>
    public required string Reason { get; init; }

    /// <summary>Tries that failed.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was parked.</summary>
    public required DateTimeOffset ParkedAt { get; init; }

    /// <summary>Whether it is about to be driven again.</summary>
    public required bool Retrying { get; init; }
}

/// <summary>A page of parked events, newest first.</summary>
/// <param name="Items">The events.</param>
/// <param name="Next">Value of <c>cursor</c> for the next page; null on the last one.</param>
internal sealed record ParkedEventPage(IReadOnlyList<ParkedEventResponse> Items, string? Next);

/// <summary>Body of <c>POST /v1/admin/parked-events/retry</c>: <c>event_ids</c>, <c>subscription</c>, or both.</summary>
internal sealed record RetryParkedEventsRequest
{
    /// <summary>Ids of events, 1 to 500. Without them all of the subscription are meant.</summary>
    [MinLength(1)]
    [MaxLength(500)]
    public IReadOnlyList<Guid>? EventIds { get; init; }

    /// <summary>Name of a queue.</summary>
    public string? Subscription { get; init; }
}

/// <summary>What was begun.</summary>
/// <param name="Retried">How many parked events are driven again.</param>
internal sealed record RetriedParkedEventsResponse(int Retried);

/// <summary><c>/v1/admin/parked-events</c>, for the operator.</summary>
internal static class ParkedEventEndpoints
{
    private const int DefaultPage = 50;
    private const int MaxPage = 200;
    private const string Relay = "relay";

    private static readonly string[] Names = [.. Subscriptions.All.Select(subscription => subscription.Name), Relay];

    public static void MapParkedEvents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/admin/parked-events").WithTags("Admin").ForOperator().ValidateRequests();
        group.MapGet("/", ListAsync).WithName("Gateway_ListParkedEvents").WithSummary("List events that consumers could not take, newest first")
            .WithDescription("For the operator of the server. An event is parked after its last try; the others go on.");
        group.MapPost("/retry", RetryAsync).WithName("Gateway_RetryParkedEvents").WithSummary("Drive parked events again")
            .WithDescription("For the operator of the server. Each is handed to its consumer once, behind the answer; one that fails again is parked again with the new reason.")
            .WithExample("""{ "subscription": "search-index" }""");
    }

    private static async Task<Results<Ok<ParkedEventPage>, ProblemHttpResult>> ListAsync(
        IParkedEvents parked,
        [Description("Only those of this queue.")] string? subscription,
        [Description("Entries of a page, 1 to 200. Default 50.")] int? limit,
        [Description("The next of an earlier page.")] string? cursor,
        CancellationToken cancellationToken)
    {
        var size = limit ?? DefaultPage;
        if (size is < 1 or > MaxPage)
        {
            return Problems.InvalidField("limit", string.Create(CultureInfo.InvariantCulture, $"Must be from 1 to {MaxPage}."));
        }

        if (subscription is not null && !Names.Contains(subscription))
        {
            return UnknownSubscription();
        }

        ParkedPlace? after = null;
        if (cursor is not null && !TryRead(cursor, out after))
        {
            return Problems.InvalidField("cursor", "Must be the next of an earlier page.");
        }

        // One more than is shown tells whether there is another page.
        var found = await parked.ListAsync(new ParkedQuery(subscription, after, size + 1), cancellationToken);
        var shown = found.Take(size).ToList();
        return TypedResults.Ok(new ParkedEventPage(
            shown.ConvertAll(item => new ParkedEventResponse
            {
                EventId = item.EventId,
                Subscription = item.Subscription,
                Service = item.Service,
                EventType = item.EventType[(item.EventType.LastIndexOf('.') + 1)..],
                Reason = item.Reason,
                Attempts = item.Attempts,
                ParkedAt = item.ParkedAt,
                Retrying = item.Retrying,
            }),
            found.Count > size ? CursorOf(shown[^1]) : null));
    }

    private static async Task<Results<Accepted<RetriedParkedEventsResponse>, ProblemHttpResult>> RetryAsync(
        RetryParkedEventsRequest request, IParkedEvents parked, CancellationToken cancellationToken)
    {
        if (request is { EventIds: null, Subscription: null })
        {
            return Problems.InvalidField("event_ids", "Give event_ids, subscription, or both.");
        }

        return request.Subscription is not null && !Names.Contains(request.Subscription)
            ? UnknownSubscription()
            : TypedResults.Accepted(
                (string?)null, new RetriedParkedEventsResponse(await parked.RetryAsync(new ParkedRetry(request.EventIds, request.Subscription), cancellationToken)));
    }

    private static ProblemHttpResult UnknownSubscription() => Problems.InvalidField("subscription", $"Must be one of: {string.Join(", ", Names)}.");

    private static string CursorOf(ParkedEvent last)
        => string.Create(CultureInfo.InvariantCulture, $"{last.ParkedAt.ToUnixTimeMilliseconds()}.{last.EventId:N}.{last.Subscription}");

    private static bool TryRead(string cursor, out ParkedPlace? place)
    {
        place = null;
        if (cursor.Split('.') is [var time, var id, var subscription]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            && Guid.TryParseExact(id, "N", out var eventId)
            && Names.Contains(subscription))
        {
            place = new ParkedPlace(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), eventId, subscription);
        }

        return place is not null;
    }
}
