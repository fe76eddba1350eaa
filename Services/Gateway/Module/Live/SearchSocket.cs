using System.Diagnostics;
using System.Text.Json;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Http;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.Gateway.Live;

/// <summary><c>/ws/stream/{tenant_id}</c>: a client searches as its user types. One search at a time; a new one cancels the former.</summary>
internal sealed partial class SearchSocket(LiveServices services, Caller caller, TenantAccess access, WebSocketTransport transport)
    : LiveConnection(services, caller, access, "search_socket")
{
    private const int MaxIdBytes = 100;
    private const int MaxQueryBytes = 4_096;

    /// <summary>Parameters that the connection itself chooses, or that make no sense for two lists.</summary>
    private static readonly string[] NotTaken = ["tenant_id", "mode", "cursor"];

    private readonly LiveServices _services = services;
    private Search? _search;

    /// <summary>Serves the client until one of both sides closes.</summary>
    public async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        await Task.Delay(Timeout.Infinite, Closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await transport.CloseAsync(Closed ?? LiveClose.Normal, receiving, Aborted);
        await receiving;
        await StopSearchAsync();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            await AnswerAsync("hello", json =>
            {
                json.WriteString("tenant_id", Access.TenantId);
                json.WriteNumber("ping_seconds", _services.Options.PingInterval.TotalSeconds);
            });
            Close(await transport.ReceiveAsync(TakeAsync, Aborted));
        }
        catch (Exception exception) when (IsLost(exception))
        {
            Close(LiveClose.Normal);
        }
    }

    private async Task TakeAsync(JsonElement? frame)
    {
        switch (FrameFields.TypeOf(frame))
        {
            case "search":
                await BeginAsync(new FrameFields(frame!.Value));
                break;
            case "cancel":
                await StopSearchAsync();
                break;
            case "ping":
                await AnswerAsync("pong");
                break;
            case null:
                await RefuseAsync(null, LiveErrors.Malformed, "A frame is a JSON object with a `type`.");
                break;
            default:
                await RefuseAsync(null, LiveErrors.UnknownType, "Known types are search, cancel and ping.");
                break;
        }
    }

    private async Task BeginAsync(FrameFields fields)
    {
        var id = fields.Text("id", MaxIdBytes);
        var target = fields.Text("what", 20) ?? SearchTargets.Messages;
        var query = fields.Text("query", MaxQueryBytes, allowControl: true);
        if (target is not (SearchTargets.Messages or SearchTargets.Memories))
        {
            fields.Errors["what"] = [$"Must be {SearchTargets.Messages} or {SearchTargets.Memories}."];
        }
        else if (query is null && !fields.Errors.ContainsKey("query"))
        {
            fields.Errors["query"] = ["Is needed."];
        }

        // Which parameters there are, Search knows.
        var parameters = fields.Others.Except(NotTaken).ToList()
            .SelectMany(name => fields.Values(name).Select(value => new SearchParameter(name, value))).ToList();
        fields.RefuseOthers();

        // Whatever comes of the new search, the former one is no longer wanted.
        await StopSearchAsync();
        if (fields.Errors.Count > 0)
        {
            await RefuseAsync(id, LiveErrors.Invalid, "The search is not allowed.", fields.Errors);
            return;
        }

        parameters.Add(new SearchParameter("query", query!));
        parameters.Add(new SearchParameter("tenant_id", Access.TenantId.ToString("D")));
        var search = _search = new Search(id);
        search.Running = SearchAsync(search, target, parameters);
    }

    private async Task StopSearchAsync()
    {
        if (_search is { } search)
        {
            await search.Cancellation.CancelAsync();
            await search.Running;
            search.Cancellation.Dispose();
            _search = null;
        }
    }

    /// <summary>Does not throw.</summary>
    private async Task SearchAsync(Search search, string target, List<SearchParameter> parameters)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(search.Cancellation.Token, Closing);
        var started = Stopwatch.GetTimestamp();
        try
        {
            // The receiving goes on while this one searches.
            await Task.Yield();
            if (await SendPhaseAsync(search.Id, "lexical", "fulltext", target, parameters, ends.Token) is not { } lexical
                || await SendPhaseAsync(search.Id, "fused", "hybrid", target, parameters, ends.Token) is not { } fused)
            {
                return;
            }

            await AnswerAsync("done", json =>
            {
                WriteId(json, search.Id);
                json.WriteNumber("lexical_ms", lexical);
                json.WriteNumber("fused_ms", fused);
                json.WriteNumber("took_ms", Milliseconds(started));
            });
        }
        catch (OperationCanceledException) when (!Closing.IsCancellationRequested)
        {
            await TryAnswerAsync("cancelled", json => WriteId(json, search.Id));
        }
        catch (Exception exception) when (IsLost(exception))
        {
            // The receiving notices too, and closes.
        }
        catch (Exception exception) when (exception is DependencyUnavailableException or StorageUnavailableException)
        {
            await TryAnswerAsync("error", json => WriteError(json, search.Id, LiveErrors.Unavailable, "The search is down or overloaded. Try again later."));
        }
        catch (Exception exception)
        {
            LogFailed(_services.Logger, exception);
            Close(LiveClose.Defect);
        }
    }

    /// <returns>How long the phase took in milliseconds, until it was sent; null when the search was refused.</returns>
    private async Task<double?> SendPhaseAsync(
        string? id, string phase, string mode, string target, List<SearchParameter> parameters, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var caller = Caller;
        var answer = await _services.Search.AnswerAsync(
            new SearchQuestion
            {
                Principal = caller.Principal, SessionId = caller.SessionId, Target = target, Parameters = [.. parameters, new SearchParameter("mode", mode)],
            },
            cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (answer.Status != 200)
        {
            await AnswerAsync("error", json => WriteProblem(json, id, answer));
            return null;
        }

        var took = Milliseconds(started);
        await AnswerAsync(phase, json =>
        {
            WriteId(json, id);
            json.WriteNumber("took_ms", took);
            foreach (var part in answer.Body.EnumerateObject().Where(part => part.Name is not ("query" or "took_ms")))
            {
                part.WriteTo(json);
            }
        });
        return took;
    }

    private static void WriteProblem(Utf8JsonWriter json, string? id, SearchAnswer answer)
    {
        WriteError(
            json,
            id,
            answer.Status switch { 400 => LiveErrors.Invalid, 403 => LiveErrors.Forbidden, 404 => LiveErrors.NotFound, _ => LiveErrors.Unavailable },
            answer.Body.TryGetProperty("detail", out var detail) ? detail.GetString() ?? "" : "");
        if (answer.Body.TryGetProperty("errors", out var errors))
        {
            json.WritePropertyName("errors");
            errors.WriteTo(json);
        }
    }

    private static void WriteError(Utf8JsonWriter json, string? id, string code, string detail)
    {
        WriteId(json, id);
        LiveErrors.Write(json, code, detail);
    }

    private static void WriteId(Utf8JsonWriter json, string? id)
    {
        if (id is not null)
        {
            json.WriteString("id", id);
        }
    }

    private static double Milliseconds(long started) => Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 2);

    private Task RefuseAsync(string? id, string code, string detail, IReadOnlyDictionary<string, string[]>? errors = null)
        => AnswerAsync("error", json =>
        {
            WriteId(json, id);
            LiveErrors.Write(json, code, detail, errors);
        });

    private Task AnswerAsync(string type, Action<Utf8JsonWriter>? write = null) => transport.SendAsync(LiveFrame.Create(type, write), Aborted);

    private async Task TryAnswerAsync(string type, Action<Utf8JsonWriter> write)
    {
        try
        {
            await AnswerAsync(type, write);
        }
        catch (Exception exception) when (IsLost(exception))
        {
            // The receiving notices too, and closes.
        }
    }

    [LoggerMessage(EventId = 6012, Level = LogLevel.Error, Message = "A search over a live connection failed by a defect")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    /// <summary>A search that is under way.</summary>
    private sealed class Search(string? id)
    {
        public string? Id { get; } = id;

        public CancellationTokenSource Cancellation { get; } = new();

        public Task Running { get; set; } = Task.CompletedTask;
    }
}
