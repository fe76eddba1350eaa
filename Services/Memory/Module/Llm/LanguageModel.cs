using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenAI;
using OpenAI.Chat;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace MemoryMesh.Memory.Llm;

/// <summary>Asks the configured language model, within its limits. It never throws for what the model does: its callers go on without it.</summary>
internal sealed class LanguageModel
{
    private const int LeastCalls = 4;
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);

    private readonly LlmOptions _options;
    private readonly ILlmUsageStore _usage;
    private readonly TimeProvider _clock;
    private readonly ILogger<LanguageModel> _logger;
    private readonly ChatClient? _client;
    private readonly ResiliencePipeline _pipeline;

    public LanguageModel(IOptions<LlmOptions> options, ILlmUsageStore usage, TimeProvider clock, ILogger<LanguageModel> logger)
    {
        _options = options.Value;
        (_usage, _clock, _logger) = (usage, clock, logger);
        if (!string.IsNullOrEmpty(_options.BaseUrl))
        {
            // Tried once: whoever asks has the rules to go on with.
            _client = new ChatClient(
                _options.Model,
                new ApiKeyCredential(string.IsNullOrEmpty(_options.ApiKey) ? "none" : _options.ApiKey),
                new OpenAIClientOptions { Endpoint = new Uri(_options.BaseUrl), RetryPolicy = new ClientRetryPolicy(0) });
        }

        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = LeastCalls,
                SamplingDuration = Sampling,
                BreakDuration = TimeSpan.FromSeconds(_options.BreakSeconds),
            })
            .AddTimeout(TimeSpan.FromSeconds(_options.TimeoutSeconds))
            .Build();
    }

    /// <summary>Name of the model; null when none is configured.</summary>
    public string? Name => _client is null ? null : _options.Model;

    /// <summary>Asks, counts what it took, and answers with the failure where there is one.</summary>
    public async Task<LlmAnswer> AskAsync(LlmQuestion question, CancellationToken cancellationToken)
    {
        if (_client is null)
        {
            throw new InvalidOperationException("No language model is configured.");
        }

        var expected = TokenEstimate.Count(question.Instructions) + TokenEstimate.Count(question.Input) + TokenEstimate.Count(question.Schema);
        LlmAnswer answer;
        if (expected > _options.MaxInputTokens)
        {
            answer = new LlmAnswer(null, LlmFailures.TooLong);
        }
        else if (await _usage.CountTokensOfDayAsync(question.TenantId, _clock.GetUtcNow(), cancellationToken) + expected + _options.MaxOutputTokens > _options.DailyTokensPerTenant)
        {
            answer = new LlmAnswer(null, LlmFailures.OverBudget);
        }
        else
        {
            answer = await TryAsync(_client, question, expected, cancellationToken);
        }

        await _usage.AddAsync(question.TenantId, answer, _clock.GetUtcNow(), cancellationToken);
        LlmTelemetry.Count(question, answer);
        if (answer.Failure is { } failure)
        {
            Log.LlmFailed(_logger, question.Purpose, failure);
        }

        return answer;
    }

    private async Task<LlmAnswer> TryAsync(ChatClient client, LlmQuestion question, int expected, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await CompleteAsync(client, question, expected, token), cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            return new LlmAnswer(null, LlmFailures.Resting);
        }
        catch (TimeoutRejectedException)
        {
            // What was asked is paid for, whatever became of it.
            return Paid(null, LlmFailures.Timeout, expected, 0);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The client throws what it pleases over an answer that is none of the API's: whatever it is, the rules go on.
            return new LlmAnswer(null, exception is ClientResultException or HttpRequestException or AggregateException ? LlmFailures.Unreachable : LlmFailures.Malformed);
        }
    }

    private async Task<LlmAnswer> CompleteAsync(ChatClient client, LlmQuestion question, int expected, CancellationToken cancellationToken)
    {
        var completion = (await client.CompleteChatAsync(
            [new SystemChatMessage(question.Instructions), new UserChatMessage(question.Input)],
            new ChatCompletionOptions
            {
                Temperature = 0,
                MaxOutputTokenCount = _options.MaxOutputTokens,
                ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat(question.SchemaName, BinaryData.FromString(question.Schema), jsonSchemaIsStrict: true),
            },
            cancellationToken)).Value;
        var text = string.Concat(completion.Content.Select(part => part.Text));
        var (input, output) = (completion.Usage?.InputTokenCount ?? expected, completion.Usage?.OutputTokenCount ?? TokenEstimate.Count(text));
        return !string.IsNullOrEmpty(completion.Refusal) || completion.FinishReason == ChatFinishReason.ContentFilter ? Paid(null, LlmFailures.Refused, input, output)
            : completion.FinishReason == ChatFinishReason.Length ? Paid(null, LlmFailures.Cut, input, output)
            : Parse(text) is { } json ? Paid(json, null, input, output)
            : Paid(null, LlmFailures.Malformed, input, output);
    }

    private LlmAnswer Paid(JsonElement? content, string? failure, long input, long output)
        => new(content, failure, input, output, ((input * _options.InputPricePerMillion) + (output * _options.OutputPricePerMillion)) / 1_000_000);

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Object } json ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
