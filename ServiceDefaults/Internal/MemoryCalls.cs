using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>The calls of <see cref="IMemoryClient"/> over HTTP: what a client sends and what the service maps, side by side.</summary>
public static class MemoryCalls
{
    internal const string Service = "memory";

    /// <summary>Reaches Memory over HTTP.</summary>
    public static IServiceCollection AddMemoryHttpClient(this IServiceCollection services)
    {
        services.AddServiceConnection(Service);
        services.TryAddSingleton<ReaderAddresses>();
        services.TryAddSingleton<IMemoryClient, HttpMemoryClient>();
        services.TryAddSingleton<IMemoryUsage, HttpMemoryUsage>();
        services.TryAddSingleton<ISummaryClient, HttpSummaryClient>();
        services.TryAddSingleton<ILlmUsage, HttpLlmUsage>();
        services.TryAddSingleton<IMemoryTransfer, MemoryTransferCalls.HttpMemoryTransfer>();
        return services;
    }

    /// <summary>Serves the calls.</summary>
    public static void MapMemoryCalls(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapInternalGroup(Service);
        MemoryTransferCalls.Map(group);
        group.MapCall<IMemoryClient, MemoriesCall, IReadOnlyList<MemoryItem>>(
            "memories", (memory, call, token) => memory.GetMemoriesAsync(call.TenantId, call.MemoryIds, token));
        group.MapCall<IMemoryClient, BelievedCall, IReadOnlyList<MemoryItem>>(
            "believed", (memory, call, token) => memory.GetBelievedMemoriesAsync(call.TenantId, call.MemoryIds, call.At, token));
        group.MapCall<IMemoryClient, ConversationCall, int>(
            "count", (memory, call, token) => memory.CountFromConversationAsync(call.TenantId, call.ConversationKey, token));
        group.MapCall<IMemoryClient, OptedOutCall, IReadOnlyList<Guid>>(
            "opted-out", (memory, call, token) => memory.FindOptedOutAsync(call.TenantId, call.SubjectKeys, token));
        group.MapCall<IMemoryClient, RetentionOrder, int>("retention", (memory, call, token) => memory.ApplyRetentionAsync(call, token));
        group.MapCall<ILlmUsage, UsageQuery, IReadOnlyList<LlmCounts>>("llm-usage", (usage, call, token) => usage.GetLlmUsageAsync(call, token));
        group.MapCall<ISummaryClient, SummaryCall, ConversationDigest>(
            "summary", (summaries, call, token) => summaries.SummariseAsync(call.TenantId, call.ConversationKey, call.SubjectKey, token));
        group.MapCall<IMemoryUsage, UsageQuery, MemoryUsage>("usage", (usage, call, token) => usage.GetUsageAsync(call, token));
        group.MapCall<IMemoryClient, WaitCall, bool>(
            "wait", (memory, call, token) => memory.WaitUntilExtractedAsync(call.TenantId, call.Messages, call.Timeout, token));
    }

    private sealed class HttpMemoryClient(InternalHttp http) : IMemoryClient
    {
        public Task<IReadOnlyList<MemoryItem>> GetMemoriesAsync(Guid tenantId, IReadOnlyList<Guid> memoryIds, CancellationToken cancellationToken)
            => http.CallAsync<MemoriesCall, IReadOnlyList<MemoryItem>>(Service, "memories", new(tenantId, memoryIds), cancellationToken);

        public Task<IReadOnlyList<MemoryItem>> GetBelievedMemoriesAsync(
            Guid tenantId, IReadOnlyList<Guid> memoryIds, DateTimeOffset at, CancellationToken cancellationToken)
            => http.CallAsync<BelievedCall, IReadOnlyList<MemoryItem>>(Service, "believed", new(tenantId, memoryIds, at), cancellationToken);

        public Task<int> CountFromConversationAsync(Guid tenantId, Guid conversationKey, CancellationToken cancellationToken)
            => http.CallAsync<ConversationCall, int>(Service, "count", new(tenantId, conversationKey), cancellationToken);

        public Task<IReadOnlyList<Guid>> FindOptedOutAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
            => http.CallAsync<OptedOutCall, IReadOnlyList<Guid>>(Service, "opted-out", new(tenantId, subjectKeys), cancellationToken);

        public Task<int> ApplyRetentionAsync(RetentionOrder order, CancellationToken cancellationToken)
            => http.CallAsync<RetentionOrder, int>(Service, "retention", order, cancellationToken);

        public Task<bool> WaitUntilExtractedAsync(
            Guid tenantId, IReadOnlyList<MessageVersion> messages, TimeSpan timeout, CancellationToken cancellationToken)
            => http.CallAsync<WaitCall, bool>(Service, "wait", new(tenantId, messages, timeout), cancellationToken);
    }

    private sealed class HttpMemoryUsage(InternalHttp http) : IMemoryUsage
    {
        public Task<MemoryUsage> GetUsageAsync(UsageQuery query, CancellationToken cancellationToken)
            => http.CallAsync<UsageQuery, MemoryUsage>(Service, "usage", query, cancellationToken);
    }

    private sealed class HttpLlmUsage(InternalHttp http) : ILlmUsage
    {
        public Task<IReadOnlyList<LlmCounts>> GetLlmUsageAsync(UsageQuery query, CancellationToken cancellationToken)
            => http.CallAsync<UsageQuery, IReadOnlyList<LlmCounts>>(Service, "llm-usage", query, cancellationToken);
    }

    private sealed class HttpSummaryClient(InternalHttp http) : ISummaryClient
    {
        public Task<ConversationDigest> SummariseAsync(Guid tenantId, Guid conversationKey, Guid subjectKey, CancellationToken cancellationToken)
            => http.CallAsync<SummaryCall, ConversationDigest>(Service, "summary", new(tenantId, conversationKey, subjectKey), cancellationToken);
    }

    private sealed record SummaryCall(Guid TenantId, Guid ConversationKey, Guid SubjectKey);

    private sealed record MemoriesCall(Guid TenantId, IReadOnlyList<Guid> MemoryIds);

    private sealed record BelievedCall(Guid TenantId, IReadOnlyList<Guid> MemoryIds, DateTimeOffset At);

    private sealed record ConversationCall(Guid TenantId, Guid ConversationKey);

    private sealed record WaitCall(Guid TenantId, IReadOnlyList<MessageVersion> Messages, TimeSpan Timeout);

    private sealed record OptedOutCall(Guid TenantId, IReadOnlyList<Guid> SubjectKeys);
}
