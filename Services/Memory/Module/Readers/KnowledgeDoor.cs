using MemoryMesh.Memory.Context;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace MemoryMesh.Memory.Readers;

/// <summary>What the process with the store answers readers: everything that it knows for a context, in one call.</summary>
internal static class KnowledgeDoor
{
    /// <summary>Name of the call.</summary>
    public const string Call = "knowledge";

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapInternalGroup(MemoryModule.Name).MapCall<IContextKnowledge, KnowledgeCall, Knowledge>(
            Call,
            (knowledge, call, token) => call.IsAllowed ? knowledge.ReadAsync(call, token) : throw new BadHttpRequestException("The call asks for more than one may, or names nobody."))
            .WithMetadata(new RequestSizeLimitAttribute(KnowledgeCall.MostBytes));
}

/// <summary>Asks the process with the store. Nothing is kept here, so that what is answered is what is known now.</summary>
internal sealed class RemoteContextKnowledge(InternalHttp http) : IContextKnowledge
{
    public Task<Knowledge> ReadAsync(KnowledgeCall call, CancellationToken cancellationToken)
        => http.CallAsync<KnowledgeCall, Knowledge>(MemoryModule.Name, KnowledgeDoor.Call, call, cancellationToken);
}
