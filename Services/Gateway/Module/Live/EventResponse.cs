using System.Buffers;
using System.Text;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MemoryMesh.Gateway.Live;

/// <summary><c>GET /v1/events</c>: events to one client as server-sent events (HTML, section 9.2).</summary>
internal sealed class EventResponse(LiveServices services, Caller caller, TenantAccess access, LiveWish wish, HttpContext context)
    : EventConnection(services, caller, access, wish, "events_response")
{
    private const string RetryMilliseconds = "3000";

    /// <summary>Serves the client until one of both sides closes.</summary>
    public async Task RunAsync()
    {
        using var gone = context.RequestAborted.Register(() => Close(LiveClose.Normal));
        context.Response.ContentType = "text/event-stream; charset=utf-8";

        // Proxies that gather an answer would hold the events back.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await SendEventsAsync();
        if (Closed is { } close && close != LiveClose.Normal && !context.RequestAborted.IsCancellationRequested)
        {
            await EndAsync(close);
        }
    }

    protected override Task SendAsync(string type, string? id, ReadOnlyMemory<byte> json)
    {
        var writer = context.Response.BodyWriter;
        if (type == "hello")
        {
            Write("retry: ", RetryMilliseconds);
        }

        if (id is not null)
        {
            Write("id: ", id);
        }

        Write("event: ", type);
        writer.Write("data: "u8);
        writer.Write(json.Span);
        writer.Write("\n\n"u8);
        return FlushAsync();
    }

    protected override Task PingAsync()
    {
        context.Response.BodyWriter.Write(": ping\n\n"u8);
        return FlushAsync();
    }

    private async Task EndAsync(LiveClose close)
    {
        try
        {
            await SendAsync("closed", null, LiveFrame.Create("closed", json =>
            {
                json.WriteNumber("code", close.Code);
                json.WriteString("reason", close.Reason);
            }));
        }
        catch (Exception exception) when (IsLost(exception))
        {
            context.Abort();
        }
    }

    private void Write(string field, string value)
    {
        var writer = context.Response.BodyWriter;
        var line = $"{field}{value}\n";
        writer.Advance(Encoding.UTF8.GetBytes(line, writer.GetSpan(Encoding.UTF8.GetMaxByteCount(line.Length))));
    }

    private async Task FlushAsync()
    {
        var flushed = await context.Response.BodyWriter.FlushAsync(Aborted);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new IOException("The client is gone.");
        }
    }
}
