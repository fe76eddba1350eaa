using System.Globalization;
using MemoryMesh.Memory.Storage;
using MemoryMesh.Memory.Text;
using MemoryMesh.ServiceDefaults.Filtering;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MemoryMesh.Memory.Endpoints;

/// <summary>The query of a list.</summary>
internal sealed class ListMemoriesParameters
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 200;
    private const int MaxPage = 1_000_000;
    private const int MaxSearchBytes = 200;

    [FromQuery(Name = "tenant_id")]
    public string? TenantId { get; set; }

    /// <summary>user (default), team, organization or tenant.</summary>
    [FromQuery(Name = "scope")]
    public string? Scope { get; set; }

    [FromQuery(Name = "user_id")]
    public string? UserId { get; set; }

    [FromQuery(Name = "team_id")]
    public string? TeamId { get; set; }

    [FromQuery(Name = "agent_id")]
    public string? AgentId { get; set; }

    [FromQuery(Name = "run_id")]
    public string? RunId { get; set; }

    /// <summary>pending, processing, completed or failed.</summary>
    [FromQuery(Name = "status")]
    public string? Status { get; set; }

    [FromQuery(Name = "category")]
    public string? Category { get; set; }

    /// <summary>Only memories whose text holds this, in any case.</summary>
    [FromQuery(Name = "search")]
    public string? Search { get; set; }

    /// <summary>created_at, updated_at or importance, with - before it for falling order. Default -created_at.</summary>
    [FromQuery(Name = "ordering")]
    public string? Ordering { get; set; }

    /// <summary>current (default), superseded (those that a newer value superseded too) or all (whatever ended too); <c>state</c> tells them apart.</summary>
    [FromQuery(Name = "view")]
    public string? View { get; set; }

    /// <summary>True is as <c>view=all</c>.</summary>
    [FromQuery(Name = "include_superseded")]
    public bool? IncludeSuperseded { get; set; }

    /// <summary>Answers how it was at this time, ISO 8601, instead of <c>view</c>.</summary>
    [FromQuery(Name = "as_of")]
    public string? AsOf { get; set; }

    /// <summary>With <c>as_of</c>: world (default), what was true then as far as is known now; or system, what was held for true here then.</summary>
    [FromQuery(Name = "basis")]
    public string? Basis { get; set; }

    /// <summary>Whether facts that were drawn from added memories are listed on their own too, and not as their <c>facts</c> alone. Default true.</summary>
    [FromQuery(Name = "include_facts")]
    public bool? IncludeFacts { get; set; }

    /// <summary>From 1.</summary>
    [FromQuery(Name = "page")]
    public int? Page { get; set; }

    /// <summary>1 to 200, default 50.</summary>
    [FromQuery(Name = "page_size")]
    public int? PageSize { get; set; }

    /// <summary>Whether the memories of every owner are asked for.</summary>
    public bool OfTenant => Scope == MemoryRights.TenantScope;

    public ProblemHttpResult? Check()
    {
        if (OfTenant && (UserId ?? TeamId) is not null)
        {
            return Problems.InvalidField(UserId is null ? "team_id" : "user_id", "Not with scope tenant.");
        }

        if (Status is not null && ParseStatus() is null)
        {
            return Problems.InvalidField("status", "Must be pending, processing, completed or failed.");
        }

        if (Ordering is not null && ParseOrdering() is null)
        {
            return Problems.InvalidField("ordering", "Must be created_at, updated_at or importance, with + or - before it.");
        }

        if (Page is < 1 or > MaxPage)
        {
            return Problems.InvalidField("page", $"Must be 1 to {MaxPage.ToString(CultureInfo.InvariantCulture)}.");
        }

        if (PageSize is < 1 or > MaxPageSize)
        {
            return Problems.InvalidField("page_size", $"Must be 1 to {MaxPageSize}.");
        }

        if (View is not (null or "current" or "superseded" or "all"))
        {
            return Problems.InvalidField("view", "Must be current, superseded or all.");
        }

        if (View is not null && IncludeSuperseded is not null)
        {
            return Problems.InvalidField("include_superseded", "Not with view.");
        }

        if (AsOf is not null && !TimeText.TryRead(AsOf, endOfDay: true, out _))
        {
            return Problems.InvalidField("as_of", TimeText.Message);
        }

        if (AsOf is not null && (View is not null || IncludeSuperseded is not null))
        {
            return Problems.InvalidField(View is not null ? "view" : "include_superseded", "Not with as_of.");
        }

        if (Basis is not (null or "world" or "system") || (Basis is not null && AsOf is null))
        {
            return Problems.InvalidField("basis", "Must be world or system, with as_of.");
        }

        return MemoryEndpoints.CheckCategory(Category)
            ?? CheckText("search", Search, MaxSearchBytes)
            ?? CheckText("agent_id", AgentId, MemoryRights.MaxIdBytes)
            ?? CheckText("run_id", RunId, MemoryRights.MaxIdBytes);
    }

    public MemoryListQuery ToQuery(Guid tenantId, MemoryOwner? owner, DateTimeOffset now)
    {
        var (order, descending) = ParseOrdering() ?? (MemoryOrder.CreatedAt, true);
        return new MemoryListQuery
        {
            TenantId = tenantId,
            Owner = owner,
            View = View switch
            {
                "superseded" => MemoryView.WithSuperseded,
                "all" => MemoryView.All,
                _ => IncludeSuperseded == true ? MemoryView.All : MemoryView.Current,
            },
            Now = now,
            AsOf = AsOf is not null && TimeText.TryRead(AsOf, endOfDay: true, out var time) ? time : null,
            Basis = Basis == "system" ? TimeBasis.System : TimeBasis.World,
            ExcludeFacts = IncludeFacts == false,
            Status = ParseStatus(),
            Category = Category,
            AgentId = AgentId,
            RunId = RunId,
            Search = Search is null ? null : MemoryText.Normalise(Search),
            Order = order,
            Descending = descending,
            Page = Page ?? 1,
            PageSize = PageSize ?? DefaultPageSize,
        };
    }

    private static ProblemHttpResult? CheckText(string field, string? value, int maxBytes)
        => value is not null && TextRules.Check(value, maxBytes) is { } message ? Problems.InvalidField(field, message) : null;

    private MemoryStatus? ParseStatus() => Status switch
    {
        "pending" => MemoryStatus.Pending,
        "processing" => MemoryStatus.Processing,
        "completed" => MemoryStatus.Completed,
        "failed" => MemoryStatus.Failed,
        _ => null,
    };

    private (MemoryOrder Order, bool Descending)? ParseOrdering()
    {
        if (Ordering is null)
        {
            return null;
        }

        // A plus sign that is not escaped arrives as a space.
        var name = Ordering.Length > 0 && Ordering[0] is '+' or '-' or ' ' ? Ordering[1..] : Ordering;
        MemoryOrder? order = name switch
        {
            "created_at" => MemoryOrder.CreatedAt,
            "updated_at" => MemoryOrder.UpdatedAt,
            "importance" => MemoryOrder.Importance,
            _ => null,
        };
        return order is null ? null : (order.Value, Ordering[0] == '-');
    }
}
