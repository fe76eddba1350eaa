using System.Net.WebSockets;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Gateway.Live;

/// <summary><c>/ws/messages/{tenant_id}</c>: events to one client over a WebSocket. The client may change its filter meanwhile.</summary>
internal sealed class EventSocket(LiveServices services, Caller caller, TenantAccess access, LiveWish wish, WebSocketTransport transport)
    : EventConnection(services, caller, access, wish, "events_socket")
{
    /// <summary>Serves the client until one of both sides closes.</summary>
    public async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        await SendEventsAsync();
        await transport.CloseAsync(Closed ?? LiveClose.Normal, receiving, Aborted);
        await receiving;
    }

    protected override Task SendAsync(string type, string? id, ReadOnlyMemory<byte> json) => transport.SendAsync(json, Aborted);

    private async Task ReceiveAsync()
    {
        try
        {
            Close(await transport.ReceiveAsync(TakeAsync, Aborted));
        }
        catch (Exception exception) when (IsLost(exception))
        {
            Close(LiveClose.Normal);
        }
    }

    private Task TakeAsync(JsonElement? frame)
    {
        switch (FrameFields.TypeOf(frame))
        {
            case "filter":
                return FilterAsync(new FrameFields(frame!.Value));
            case "ping":
                return AnswerAsync("pong");
            case null:
                return AnswerAsync("error", json => LiveErrors.Write(json, LiveErrors.Malformed, "A frame is a JSON object with a `type`."));
            default:
                return AnswerAsync("error", json => LiveErrors.Write(json, LiveErrors.UnknownType, "Known types are filter and ping."));
        }
    }

    private Task FilterAsync(FrameFields fields)
    {
        var filter = new LiveFilter
        {
            Types = fields.Texts("types"),
            Conversations = fields.Texts("conversation_ids"),
            UserId = fields.Text("user_id", 512),
        };
        fields.RefuseOthers();
        foreach (var (field, messages) in filter.Check())
        {
            fields.Errors.TryAdd(field == "conversation_id" ? "conversation_ids" : field, messages);
        }

        if (fields.Errors.Count > 0)
        {
            return AnswerAsync("error", json => LiveErrors.Write(json, LiveErrors.Invalid, "The filter is not allowed; the former one stands.", fields.Errors));
        }

        return TryChange(filter)
            ? AnswerAsync("filtered")
            : AnswerAsync("error", json => LiveErrors.Write(json, LiveErrors.NotFound, "There is no such subject; the former filter stands."));
    }

    private Task AnswerAsync(string type, Action<Utf8JsonWriter>? write = null) => transport.SendAsync(LiveFrame.Create(type, write), Aborted);
}
