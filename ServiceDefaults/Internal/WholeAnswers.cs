namespace MemoryMesh.ServiceDefaults.Internal;

/// <summary>Reads the answers of calls between services whole, so that a connection that ends in the middle of one counts as a failed try.</summary>
internal sealed class WholeAnswers : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (InternalHttp.MayRepeat(request))
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
        }

        return response;
    }
}
