using System.ComponentModel.DataAnnotations;
using MemoryMesh.Retention.Receipts;
using MemoryMesh.Retention.Storage;
using MemoryMesh.Contracts.Events;
using MemoryMesh.ServiceDefaults.Http;

namespace MemoryMesh.Retention.Endpoints;

/// <summary>Asks for the erasure of a subject.</summary>
internal sealed record CreateErasureRequest
{
    /// <summary>The tenant's id or slug; the caller's default tenant when left out.</summary>
    [PlainText(200)]
    public string? TenantId { get; init; }

    /// <summary>The subject to erase: the <c>user_id</c> that its messages and memories were stored with.</summary>
    [Required]
    [PlainText(200)]
    public string? UserId { get; init; }

    /// <summary>Why; kept encrypted until the erasure is completed, and not after.</summary>
    [PlainText(500)]
    public string? Reason { get; init; }
}

/// <summary>An erasure of a subject.</summary>
internal sealed record ErasureResponse
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>accepted: no service has answered yet; running; completed; failed: a service could not erase after many tries, and is asked again now and then.</summary>
    public required string Status { get; init; }

    /// <summary>The subject; null when the erasure is completed, since nobody knows it any more.</summary>
    public required string? UserId { get; init; }

    /// <summary>Keyed hash of the tenant and the subject, in hex.</summary>
    public required string SubjectHash { get; init; }

    /// <summary>What the request gave; null when the erasure is completed.</summary>
    public required string? Reason { get; init; }

    /// <summary>The account that asked.</summary>
    public required Guid RequestedBy { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required DateTimeOffset? CompletedAt { get; init; }

    /// <summary>How each service stands, in the order they are asked.</summary>
    public required IReadOnlyList<ErasureServiceResponse> Services { get; init; }

    /// <summary>Where to ask again.</summary>
    public required string StatusUrl { get; init; }

    /// <summary>Where the receipt is; null until the erasure is completed.</summary>
    public required string? ReceiptUrl { get; init; }

    /// <summary>The signed receipt; null until the erasure is completed, and in lists.</summary>
    public required ErasureReceipt? Receipt { get; init; }

    public static ErasureResponse Of(ErasureRecord erasure, bool withReceipt)
    {
        var url = $"/v1/privacy/erasures/{erasure.Id:D}";
        var tenant = $"?tenant_id={erasure.TenantId:D}";
        return new ErasureResponse
        {
            Id = erasure.Id,
            TenantId = erasure.TenantId,
            Status = StatusOf(erasure),
            UserId = erasure.Details?.UserId,
            SubjectHash = ErasureReceipt.HashOf(erasure),
            Reason = erasure.Details?.Reason,
            RequestedBy = erasure.RequestedBy,
            RequestedAt = erasure.RequestedAt,
            CompletedAt = erasure.CompletedAt,
            Services = [.. ErasureSteps.All.Select(service => ErasureServiceResponse.Of(erasure, service))],
            StatusUrl = url + tenant,
            ReceiptUrl = erasure.Receipt is null ? null : $"{url}/receipt{tenant}",
            Receipt = withReceipt && erasure.Receipt is { } jws ? ReceiptSigner.Read(jws) : null,
        };
    }

    private static string StatusOf(ErasureRecord erasure) => erasure.Status switch
    {
        ErasureStatus.Completed => "completed",
        ErasureStatus.Failed => "failed",
        _ => erasure.Steps.Count == 0 ? "accepted" : "running",
    };
}

/// <summary>How a service stands.</summary>
internal sealed record ErasureServiceResponse
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>waiting: services before it are not done; running: it is asked; erased.</summary>
    public required string Status { get; init; }

    /// <summary>When its last row about the subject went.</summary>
    public required DateTimeOffset? ErasedAt { get; init; }

    /// <summary>How often it was asked; 0 while it waits.</summary>
    public required int Attempts { get; init; }

    /// <summary>How many rows went, by table.</summary>
    public required IReadOnlyDictionary<string, long>? Deleted { get; init; }

    public static ErasureServiceResponse Of(ErasureRecord erasure, string service)
    {
        var step = erasure.Steps.FirstOrDefault(step => step.Service == service);
        var asked = erasure.Step == service;
        return new ErasureServiceResponse
        {
            Service = service,
            Status = step is not null ? "erased" : asked ? "running" : "waiting",
            ErasedAt = step?.ErasedAt,
            Attempts = asked ? erasure.Attempts : step is not null ? 1 : 0,
            Deleted = step?.Deleted,
        };
    }
}

/// <summary>A page of erasures, newest first.</summary>
/// <param name="Erasures">The erasures.</param>
/// <param name="Next">Give it as cursor for the next page; null on the last one.</param>
internal sealed record ErasurePage(IReadOnlyList<ErasureResponse> Erasures, string? Next);
