namespace MemoryMesh.Client;

/// <summary>Figures of a tenant: <c>/v1/analytics</c>.</summary>
public sealed class AnalyticsApi
{
    private readonly Connection _connection;

    internal AnalyticsApi(Connection connection) => _connection = connection;

    /// <summary>What the language model that draws memories and writes summaries took, interval by interval.</summary>
    /// <param name="from">Beginning of the time; by the server's default when null.</param>
    /// <param name="to">Its end; now when null.</param>
    /// <param name="interval"><c>hour</c>, <c>day</c>, <c>week</c> or <c>month</c>; day when null.</param>
    /// <param name="tenantId">The tenant; the caller's own when null.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<LlmUsage> GetLlmUsageAsync(
        DateTimeOffset? from = null, DateTimeOffset? to = null, string? interval = null, string? tenantId = null, CancellationToken cancellationToken = default)
        => _connection.GetAsync(
            new Address("v1/analytics/llm").Query("tenant_id", tenantId).Query("from", from).Query("to", to).Query("interval", interval),
            ClientJson.Default.LlmUsage,
            cancellationToken);
}

/// <summary>What the language model took.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="From">Beginning of the time.</param>
/// <param name="To">Its end.</param>
/// <param name="Interval"><c>hour</c>, <c>day</c>, <c>week</c> or <c>month</c>.</param>
/// <param name="Tz">Time zone that days are counted in.</param>
/// <param name="Points">One an interval, oldest first.</param>
public sealed record LlmUsage(string TenantId, DateTimeOffset From, DateTimeOffset To, string Interval, string Tz, IReadOnlyList<LlmUsagePoint> Points);

/// <summary>What the language model took in an interval.</summary>
/// <param name="Start">Beginning of the interval.</param>
/// <param name="End">Its end.</param>
/// <param name="Calls">Questions.</param>
/// <param name="Failed">Of these, questions without an answer that could be used.</param>
/// <param name="InputTokens">Tokens of the questions.</param>
/// <param name="OutputTokens">Tokens of the answers.</param>
/// <param name="Cost">Cost by the configured prices.</param>
public sealed record LlmUsagePoint(DateTimeOffset Start, DateTimeOffset End, long Calls, long Failed, long InputTokens, long OutputTokens, double Cost);
