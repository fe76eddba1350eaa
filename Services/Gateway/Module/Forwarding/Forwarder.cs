using System.Globalization;
using System.Net;
using System.Text;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Gateway.Forwarding;

/// <summary>Sends requests on to a service and its answers back, as streams: nothing is buffered in either direction.</summary>
/// <remarks>
/// The path goes on as it came, undecoded: the service reads it with the same server, so both see the same path. The <c>Host</c> goes on too,
/// so that links in answers lead to the public address. Nothing is repeated here, as only the client knows whether its request may be made twice; but for what replicas answer, which goes to
/// the service when none does.
/// </remarks>
internal sealed partial class Forwarder : IDisposable
{
    /// <summary>Longest that a service may take to begin its answer, or between two parts of it.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(100);

    /// <summary>When a client may try again after a service was not there.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private const int BufferSize = 16 * 1024;

    private readonly ILogger<Forwarder> _logger;
    private readonly ServiceCredentials _credentials;
    private readonly TimeSpan _patience;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,

        // As the server reads them; the client's own default refuses what is not ASCII.
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    public Forwarder(ServiceCredentials credentials, ILogger<Forwarder> logger)
        : this(credentials, logger, DefaultPatience)
    {
    }

    internal Forwarder(ServiceCredentials credentials, ILogger<Forwarder> logger, TimeSpan patience)
        => (_credentials, _logger, _patience) = (credentials, logger, patience);

    /// <summary>Answers a request with the answer of the service at <paramref name="address"/>.</summary>
    public Task ForwardAsync(HttpContext context, string service, Uri address) => TryForwardAsync(context, service, address, isLast: true);

    /// <summary>Answers a request with the answer of a replica, or of the service when there is none that answers.</summary>
    public async Task ForwardAsync(HttpContext context, ReplicaAddresses replicas, string service, Uri address)
    {
        if (replicas.Next() is { } replica)
        {
            var body = new ReplayedBody(context.Request.Body);
            context.Request.Body = body;
            if (await TryForwardAsync(context, replicas.Service, replica, isLast: false))
            {
                return;
            }

            replicas.Failed(replica);
            if (!body.TryRewind())
            {
                await RefuseAsync(context, Problems.Unavailable);
                return;
            }
        }

        await ForwardAsync(context, service, address);
    }

    /// <returns>False when the service was not there, or left before it began to answer, and <paramref name="isLast"/> says that another may be asked: nothing was answered then.</returns>
    private async Task<bool> TryForwardAsync(HttpContext context, string service, Uri address, bool isLast)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var request = CreateRequest(context, address, patience);
        try
        {
            return await ExchangeAsync(context, service, request, patience, isLast);
        }
        finally
        {
            // A service may answer before it has read the body. Nothing may read on from a request that has ended.
            await patience.CancelAsync();
            if (request.Content is RequestBody body)
            {
                await body.Ended;
            }
        }
    }

    /// <summary>Sends a request that the Gateway made itself for a client, and reads the whole answer.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="service">The service.</param>
    /// <param name="request">The request to it.</param>
    /// <param name="path">The request's path, decoded.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="ServiceFailedException">The service did not answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpContext context, string service, HttpRequestMessage request, PathString path, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        ForwardedHeaders.TellClient(context, request, _credentials.Create(path));
        HttpResponseMessage? response = null;
        try
        {
            response = await _client.SendAsync(request, patience.Token);
            await response.Content.LoadIntoBufferAsync(patience.Token);
            return response;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException && !cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            throw new ServiceFailedException(KindOf(service, exception), exception, IsAway(exception, patience));
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<bool> ExchangeAsync(HttpContext context, string service, HttpRequestMessage request, CancellationTokenSource patience, bool isLast)
    {
        HttpResponseMessage response;
        try
        {
            patience.CancelAfter(_patience);
            response = await _client.SendAsync(request, patience.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            var body = request.Content as RequestBody;
            if (!isLast && body?.Failure is null && IsAway(exception, patience))
            {
                LogAway(_logger, service, exception.GetType().Name);
                return false;
            }

            await RefuseAsync(context, service, body, exception);
            return true;
        }

        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            ForwardedHeaders.CopyToClient(response, context.Response.Headers);
            try
            {
                await CopyBodyAsync(response, context.Response, patience);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
            {
                if (!context.RequestAborted.IsCancellationRequested)
                {
                    // The status is sent already; a broken connection is what tells the client that the answer is not complete.
                    LogBroken(_logger, service, exception.GetType().Name);
                    context.Abort();
                }
            }
        }

        return true;
    }

    /// <summary>Whether the other end is not there, or has left: a connection that is not made in time ends in a cancellation of its own.</summary>
    private static bool IsAway(Exception exception, CancellationTokenSource patience) 
        => !patience.IsCancellationRequested && exception is (HttpRequestException or OperationCanceledException or IOException);

    private HttpRequestMessage CreateRequest(HttpContext context, Uri address, CancellationTokenSource patience)
    {
        var target = new Uri(
            address.GetLeftPart(UriPartial.Authority) + ForwardedHeaders.TargetOf(context.Request, context.Features.Get<IHttpRequestFeature>()!.RawTarget),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), target) { Version = HttpVersion.Version11 };
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            request.Content = new RequestBody(context.Request.Body, () => patience.CancelAfter(_patience), patience.Token);
        }
        else if (context.Request.ContentType is not null)
        {
            // Without a content its type could not go on, and the service would answer to another request than the client's.
            request.Content = new ByteArrayContent([]);
        }

        ForwardedHeaders.CopyToService(context, request, _credentials.Create(context.Request.Path));
        return request;
    }

    private async Task CopyBodyAsync(HttpResponseMessage response, HttpResponse answer, CancellationTokenSource patience)
    {
        patience.CancelAfter(_patience);
        await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
        var writer = answer.BodyWriter;
        while (true)
        {
            patience.CancelAfter(_patience);
            var read = await body.ReadAsync(writer.GetMemory(BufferSize), patience.Token);
            if (read == 0)
            {
                return;
            }

            writer.Advance(read);
            await writer.FlushAsync(patience.Token);
        }
    }

    private async Task RefuseAsync(HttpContext context, string service, RequestBody? body, Exception exception)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        // What the client sent was wrong (too large, too slow, cut off): that is not the service's fault.
        if (body?.Failure is BadHttpRequestException bad)
        {
            context.Response.StatusCode = bad.StatusCode;
            return;
        }

        await RefuseAsync(context, KindOf(service, exception));
    }

    private static async Task RefuseAsync(HttpContext context, ProblemKind kind)
    {
        if (kind == Problems.Unavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        }

        await kind.ToResult().ExecuteAsync(context);
    }

    private ProblemKind KindOf(string service, Exception exception)
    {
        var kind = exception switch
        {
            OperationCanceledException => GatewayProblems.GatewayTimeout,
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => Problems.Unavailable,
            _ => GatewayProblems.BadGateway,
        };
        LogRefused(_logger, service, kind.Status, exception.GetType().Name);
        return kind;
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Warning, Message = "{Service} did not answer: {Status}, {Reason}")]
    private static partial void LogRefused(ILogger logger, string service, int status, string reason);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Warning, Message = "{Service} broke off its answer: {Reason}")]
    private static partial void LogBroken(ILogger logger, string service, string reason);

    [LoggerMessage(EventId = 6003, Level = LogLevel.Warning, Message = "{Service} did not answer ({Reason}); the service itself is asked")]
    private static partial void LogAway(ILogger logger, string service, string reason);

    /// <summary>The body of the client's request, read when the service takes it.</summary>
    private sealed class RequestBody(Stream body, Action progress, CancellationToken stop) : HttpContent
    {
        private Task _copying = Task.CompletedTask;

        /// <summary>What went wrong on the client's side.</summary>
        public Exception? Failure { get; private set; }

        /// <summary>Ends when the body is no longer read. Never fails.</summary>
        public Task Ended => _copying.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
            => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
            => _copying = CopyAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        private async Task CopyAsync(Stream stream)
        {
            var buffer = new byte[BufferSize];
            while (true)
            {
                int read;
                try
                {
                    read = await body.ReadAsync(buffer, stop);
                }
                catch (Exception exception) when (exception is BadHttpRequestException or IOException)
                {
                    Failure = exception;
                    throw;
                }

                if (read == 0)
                {
                    return;
                }

                progress();
                await stream.WriteAsync(buffer.AsMemory(0, read), stop);
                await stream.FlushAsync(stop);
            }
        }
    }
}

/// <summary>A service did not answer.</summary>
internal sealed class ServiceFailedException(ProblemKind problem, Exception innerException, bool isAway = false) : Exception(problem.Title, innerException)
{
    /// <summary>Whether it was not there, or left before it answered: another that answers the same may be asked.</summary>
    public bool IsAway => isAway;

    /// <summary>What to answer instead.</summary>
    public ProblemKind Problem => problem;
}
