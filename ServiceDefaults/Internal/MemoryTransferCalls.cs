using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>The calls of <see cref="IMemoryTransfer"/> over HTTP: what a client sends and what the service maps, side by side.</summary>
internal static class MemoryTransferCalls
{
    private const string Service = MemoryCalls.Service;

    public static void Map(RouteGroupBuilder group)
    {
        group.MapCall<IMemoryTransfer, ListCall, MemorySlice>(
            "transfer/memories", (memory, call, token) => memory.ListMemoriesAsync(call.TenantId, call.OwnerKey, call.After, call.Limit, token));
        group.MapCall<IMemoryTransfer, CountCall, long>(
            "transfer/count", (memory, call, token) => memory.CountMemoriesAsync(call.TenantId, call.OwnerKey, token));
        group.MapCall<IMemoryTransfer, ListCall, LearnedSlice>(
            "transfer/extractions", (memory, call, token) => memory.ListExtractionsAsync(call.TenantId, call.OwnerKey, call.After, call.Limit, token));
        group.MapCall<IMemoryTransfer, ListCall, LearnedSlice>(
            "transfer/consents", (memory, call, token) => memory.ListConsentsAsync(call.TenantId, call.OwnerKey, call.After, call.Limit, token));
        group.MapCall<IMemoryTransfer, SettingsCall, IReadOnlyList<SettingsCopy>>(
            "transfer/settings", (memory, call, token) => memory.FindSettingsAsync(call.TenantId, call.SubjectKeys, token));
        group.MapCall<IMemoryTransfer, MemoryImport, IReadOnlyList<CopyOutcome>>("transfer/import", (memory, call, token) => memory.ImportAsync(call, token));
    }

    internal sealed class HttpMemoryTransfer(InternalHttp http) : IMemoryTransfer
    {
        public Task<MemorySlice> ListMemoriesAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<ListCall, MemorySlice>(Service, "transfer/memories", new(tenantId, ownerKey, after, limit), cancellationToken);

        public Task<long> CountMemoriesAsync(Guid tenantId, Guid? ownerKey, CancellationToken cancellationToken)
            => http.CallAsync<CountCall, long>(Service, "transfer/count", new(tenantId, ownerKey), cancellationToken);

        public Task<LearnedSlice> ListExtractionsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<ListCall, LearnedSlice>(Service, "transfer/extractions", new(tenantId, ownerKey, after, limit), cancellationToken);

        public Task<LearnedSlice> ListConsentsAsync(Guid tenantId, Guid? ownerKey, Guid? after, int limit, CancellationToken cancellationToken)
            => http.CallAsync<ListCall, LearnedSlice>(Service, "transfer/consents", new(tenantId, ownerKey, after, limit), cancellationToken);

        public Task<IReadOnlyList<SettingsCopy>> FindSettingsAsync(Guid tenantId, IReadOnlyList<Guid> subjectKeys, CancellationToken cancellationToken)
            => http.CallAsync<SettingsCall, IReadOnlyList<SettingsCopy>>(Service, "transfer/settings", new(tenantId, subjectKeys), cancellationToken);

        public Task<IReadOnlyList<CopyOutcome>> ImportAsync(MemoryImport import, CancellationToken cancellationToken)
            => http.CallAsync<MemoryImport, IReadOnlyList<CopyOutcome>>(Service, "transfer/import", import, cancellationToken);
    }

    private sealed record ListCall(Guid TenantId, Guid? OwnerKey, Guid? After, int Limit);

    private sealed record CountCall(Guid TenantId, Guid? OwnerKey);

    private sealed record SettingsCall(Guid TenantId, IReadOnlyList<Guid> SubjectKeys);
}
