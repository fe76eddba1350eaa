using System.Net;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Gateway.Facades;

/// <summary>Runs the routes of this process without a socket: routing, authentication, authorization and the handlers, as for any request.</summary>
/// <remarks>
/// The request gets a context of its own: services of its own scope, its own user. It has the connection and the trace of the client's request. The
/// answer is kept in memory until it is complete, which is when its headers count as sent.
/// </remarks>
internal sealed class LocalNativeRoutes(IServiceScopeFactory scopes) : INativeRoutes
{
    /// <summary>What handles a request from routing on; set where the pipeline is built.</summary>
    public RequestDelegate? Pipeline { get; set; }

    public async Task<HttpResponseMessage> SendAsync(HttpContext outer, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline ?? throw new InvalidOperationException("The pipeline is not built yet.");
        using var life = new Lifetime(cancellationToken);
        var answer = new Answer();
        using var body = new MemoryStream();
        await using var scope = scopes.CreateAsyncScope();
        var context = new DefaultHttpContext(await FeaturesOfAsync(outer, request, life, answer, body, cancellationToken))
        {
            RequestServices = scope.ServiceProvider,
        };
        try
        {
            await pipeline(context);
            await context.Response.CompleteAsync();
            await answer.StartAsync();
            life.RequestAborted.ThrowIfCancellationRequested();
            return ToMessage(request, answer, body);
        }
        finally
        {
            await answer.EndAsync();
        }
    }

    private static async Task<FeatureCollection> FeaturesOfAsync(
        HttpContext outer, HttpRequestMessage request, Lifetime life, Answer answer, Stream body, CancellationToken cancellationToken)
    {
        var target = request.RequestUri!;
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            headers[name] = values.ToArray();
        }

        headers.Host = outer.Request.Host.Value;
        if (request.Content is { } content)
        {
            foreach (var (name, values) in content.Headers.NonValidated)
            {
                headers[name] = values.ToArray();
            }

            headers.ContentLength ??= content.Headers.ContentLength;
        }

        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = HttpProtocol.Http11,
            Scheme = outer.Request.Scheme,
            Method = request.Method.Method,

            // Decoded as the server decodes it; the escape of a slash stays.
            Path = PathString.FromUriComponent(target.AbsolutePath).Value!,
            QueryString = target.Query,
            RawTarget = target.PathAndQuery,
            Headers = headers,
            Body = request.Content is null ? Stream.Null : await request.Content.ReadAsStreamAsync(cancellationToken),
        });
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(request.Content is not null));
        features.Set<IHttpRequestLifetimeFeature>(life);
        features.Set<IHttpResponseFeature>(answer);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            ConnectionId = outer.Connection.Id,
            RemoteIpAddress = outer.Connection.RemoteIpAddress,
            RemotePort = outer.Connection.RemotePort,
            LocalIpAddress = outer.Connection.LocalIpAddress,
            LocalPort = outer.Connection.LocalPort,
        });
        features.Set<IHttpRequestIdentifierFeature>(new HttpRequestIdentifierFeature { TraceIdentifier = outer.TraceIdentifier });
        features.Set(outer.Features.Get<LocalRequest>());
        features.Set(NativeCall.Mark);
        return features;
    }

    private static HttpResponseMessage ToMessage(HttpRequestMessage request, Answer answer, MemoryStream body)
    {
        var message = new HttpResponseMessage((HttpStatusCode)answer.StatusCode)
        {
            RequestMessage = request,
            ReasonPhrase = answer.ReasonPhrase,
            Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length),
        };
        foreach (var (name, values) in answer.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                message.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return message;
    }

    private sealed class BodyDetection(bool canHaveBody) : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => canHaveBody;
    }

    /// <summary>Ends with the client's request, or when the handler gives up.</summary>
    private sealed class Lifetime(CancellationToken cancellationToken) : IHttpRequestLifetimeFeature, IDisposable
    {
        private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        public CancellationToken RequestAborted
        {
            get => _source.Token;
            set => throw new NotSupportedException();
        }

        public void Abort() => _source.Cancel();

        public void Dispose() => _source.Dispose();
    }

    /// <summary>Status and headers, with what is to be done when they are sent and when all is done.</summary>
    private sealed class Answer : IHttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
        private readonly Stack<(Func<object, Task> Callback, object State)> _completed = new();

        public int StatusCode { get; set; } = StatusCodes.Status200OK;

        public string? ReasonPhrase { get; set; }

        public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

        public Stream Body { get; set; } = Stream.Null;

        public bool HasStarted { get; private set; }

        public void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

        public void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

        public async Task StartAsync()
        {
            while (_starting.TryPop(out var item))
            {
                await item.Callback(item.State);
            }

            HasStarted = true;
        }

        public async Task EndAsync()
        {
            while (_completed.TryPop(out var item))
            {
                await item.Callback(item.State);
            }
        }
    }
}
