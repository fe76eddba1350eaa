using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Gateway.Live;

/// <summary>What a client asks for when it connects.</summary>
/// <param name="View">What it sees.</param>
/// <param name="After">Its last place, to go on there; null begins with what happens from now on.</param>
/// <param name="WithContent">Whether events of messages hold the message.</param>
internal sealed record LiveWish(LiveView View, string? After, bool WithContent);

/// <summary>Sends the events of a tenant to one client.</summary>
internal abstract partial class EventConnection(LiveServices services, Caller caller, TenantAccess access, LiveWish wish, string kind)
    : LiveConnection(services, caller, access, kind)
{
    private const int ChunkSize = 64;

    private readonly LiveServices _services = services;
    private readonly LiveSignal _signal = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly LiveEvent[] _chunk = new LiveEvent[ChunkSize];
    private LivePlace? _place;
    private LiveView _view = wish.View;
    private long _next;
    private long _number;
    private long[]? _ahead;
    private bool _pingDue;
    private long _sentAt = services.Clock.GetTimestamp();

    /// <summary>The filter as the client set it last.</summary>
    protected LiveFilter Filter => Volatile.Read(ref _view).Filter;

    /// <summary>Sends a frame.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="id">Its place, or null for one that has none.</param>
    /// <param name="json">The whole frame as JSON.</param>
    protected abstract Task SendAsync(string type, string? id, ReadOnlyMemory<byte> json);

    /// <summary>Sends a sign of life, where the transport has none of its own.</summary>
    protected virtual Task PingAsync() => Task.CompletedTask;

    /// <summary>Sends events until the connection closes. Does not throw.</summary>
    protected async Task SendEventsAsync()
    {
        try
        {
            await OpenAsync();
            while (!Closing.IsCancellationRequested)
            {
                var count = _services.Stream.Read(_place!.Log, Volatile.Read(ref _next), _chunk);
                if (count > 0)
                {
                    await SendAsync(_chunk.AsMemory(0, count));
                }
                else if (count < 0)
                {
                    CloseAsTooSlow();
                }
                else if (Interlocked.Exchange(ref _pingDue, false))
                {
                    _sentAt = _services.Clock.GetTimestamp();
                    await PingAsync();
                }
                else
                {
                    await _signal.WaitAsync(Closing);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is being closed.
        }
        catch (Exception exception) when (IsLost(exception))
        {
            Close(LiveClose.Normal);
        }
        catch (Exception exception)
        {
            LogBroken(_services.Logger, Kind, exception);
            Close(LiveClose.Defect);
        }
        finally
        {
            if (_place is not null)
            {
                _services.Stream.Close(_place.Log, _signal);
            }
        }
    }

    /// <summary>Sets another filter from here on.</summary>
    /// <returns>False when it names a subject the client may not act for.</returns>
    protected bool TryChange(LiveFilter filter)
    {
        if (LiveView.Create(Access, filter, _services.Names) is not { } view)
        {
            return false;
        }

        Volatile.Write(ref _view, view);
        return true;
    }

    protected override void RightsChanged()
    {
        if (!TryChange(Filter))
        {
            Close(LiveClose.NoRight);
        }
    }

    protected override void Watch()
    {
        if (_place is { } place && _services.Stream.Read(place.Log, Volatile.Read(ref _next), []) < 0)
        {
            CloseAsTooSlow();
        }

        if (_services.Clock.GetElapsedTime(Volatile.Read(ref _sentAt)) >= _services.Options.PingInterval)
        {
            Volatile.Write(ref _pingDue, true);
            _signal.Ring();
        }
    }

    private void CloseAsTooSlow()
    {
        if (Closed is null)
        {
            GatewayTelemetry.LiveSlowConsumers.Add(1, new KeyValuePair<string, object?>("kind", Kind));
            Close(LiveClose.TooSlow);
        }
    }

    private async Task OpenAsync()
    {
        var cursor = wish.After is null ? null : _services.Cursors.Open(Access.TenantId, wish.After);
        await _services.Stream.CatchUpAsync(cursor?.Reached, Closing);
        var place = _services.Stream.Open(Access.TenantId, cursor?.Reached, _signal);
        Volatile.Write(ref _next, place.Next);
        _place = place;
        if (place.Resumed)
        {
            _number = cursor!.Value.Number;
            _ahead = place.Reached;
        }

        var id = IdOf(place.Reached);
        await SendAsync("hello", id, LiveFrame.Create("hello", json =>
        {
            json.WriteNumber("seq", _number);
            json.WriteString("id", id);
            json.WriteString("tenant_id", Access.TenantId);
            json.WriteBoolean("resumed", place.Resumed);
            json.WriteNumber("ping_seconds", _services.Options.PingInterval.TotalSeconds);
        }));
        if (wish.After is not null && !place.Resumed)
        {
            await ResetAsync(place.Reached);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<LiveEvent> events)
    {
        var view = Volatile.Read(ref _view);
        var contents = wish.WithContent ? await ReadContentsAsync(events, view) : null;
        for (var i = 0; i < events.Length; i++)
        {
            if (Closing.IsCancellationRequested)
            {
                return;
            }

            var item = events.Span[i];
            if (!IsKnown(item))
            {
                if (item.Type == LiveTypes.Reset)
                {
                    await ResetAsync(item.Reached);
                }
                else if (item.IsSeenBy(view))
                {
                    await SendAsync(item, view, contents);
                }
            }

            Volatile.Write(ref _next, _next + 1);
        }
    }

    private Task SendAsync(LiveEvent item, LiveView view, Dictionary<Guid, ChatMessage>? contents)
    {
        _number++;
        var id = IdOf(Reached(item));
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer, LiveFrame.JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("type", item.Type);
            json.WriteNumber("seq", _number);
            json.WriteString("id", id);
            item.Write(view, json);
            if (contents is not null && item.ContentOf is { } messageId)
            {
                WriteContent(json, contents.GetValueOrDefault(messageId));
            }

            json.WriteEndObject();
        }

        GatewayTelemetry.LiveEventsSent.Add(1, new KeyValuePair<string, object?>("kind", Kind));
        Volatile.Write(ref _sentAt, _services.Clock.GetTimestamp());
        return SendAsync(item.Type, id, _buffer.WrittenMemory);
    }

    private Task ResetAsync(long[] reached)
    {
        _number = 0;
        _ahead = null;
        var id = IdOf(reached);
        return SendAsync(LiveTypes.Reset, id, LiveFrame.Create(LiveTypes.Reset, json =>
        {
            json.WriteNumber("seq", 0);
            json.WriteString("id", id);
            json.WriteString("detail", "Events went by unseen. Read the state anew; events follow from here.");
        }));
    }

    /// <summary>Whether the client had it before it came back, perhaps from another Gateway.</summary>
    private bool IsKnown(LiveEvent item)
        => _ahead is { } ahead
            && (item.Source >= 0 ? item.Position <= ahead[item.Source] : !item.Reached.Where((position, source) => position > ahead[source]).Any());

    /// <summary>How far the client has come with an event: what it knew before counts until the log is past it.</summary>
    private long[] Reached(LiveEvent item)
    {
        if (_ahead is not { } ahead)
        {
            return item.Reached;
        }

        var both = item.Reached.Zip(ahead, Math.Max).ToArray();
        _ahead = both.AsSpan().SequenceEqual(item.Reached) ? null : both;
        return both;
    }

    private string IdOf(long[] reached) => string.Create(CultureInfo.InvariantCulture, $"{_number}.{_services.Cursors.Seal(Access.TenantId, reached)}");

    private async Task<Dictionary<Guid, ChatMessage>> ReadContentsAsync(ReadOnlyMemory<LiveEvent> events, LiveView view)
    {
        var wanted = new List<Guid>(ChunkSize);
        foreach (var item in events.Span)
        {
            if (item.ContentOf is { } id && item.IsSeenBy(view) && !IsKnown(item))
            {
                wanted.Add(id);
            }
        }

        if (wanted.Count == 0)
        {
            return [];
        }

        try
        {
            return (await _services.Chat.GetMessagesAsync(Access.TenantId, [.. wanted.Distinct()], Closing))
                .Where(message => view.SeesMessage(message.SubjectKey, message.ConversationKey))
                .ToDictionary(message => message.Id);
        }
        catch (DependencyUnavailableException)
        {
            // The event says the same without it, and the client can read the message later.
            return [];
        }
    }

    private static void WriteContent(Utf8JsonWriter json, ChatMessage? message)
    {
        if (message is null)
        {
            json.WriteNull("message");
            return;
        }

        json.WriteStartObject("message");
        json.WriteString("id", message.Id);
        json.WriteString("conversation_id", message.ConversationId);
        json.WriteString("user_id", message.UserId);
        json.WriteString("role", message.Role);
        json.WriteString("content", message.Content);
        json.WritePropertyName("metadata");
        json.WriteRawValue(message.MetadataJson ?? "null");
        json.WriteString("created_at", message.CreatedAt.UtcDateTime);
        json.WriteNumber("version", message.Version);
        json.WriteBoolean("archived", message.Archived);
        json.WriteEndObject();
    }

    [LoggerMessage(EventId = 6011, Level = LogLevel.Error, Message = "A live connection ({Kind}) ended by a defect")]
    private static partial void LogBroken(ILogger logger, string kind, Exception exception);
}
