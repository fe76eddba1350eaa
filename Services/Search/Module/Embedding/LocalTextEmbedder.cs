using System.Collections.Concurrent;
using System.Diagnostics;
using MemoryMesh.Search.Embedding.Inference;
using MemoryMesh.Search.Embedding.Inference.Kernels;
using MemoryMesh.Search.Embedding.Model;
using MemoryMesh.Search.Embedding.Tokenization;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding;

/// <summary>Computes vectors in this process, with the model that comes with the product.</summary>
/// <remarks>
/// The model is read when the first text comes. A text that is longer than the model takes is cut into windows that overlap; its vector is the
/// mean of theirs, and a token's vector comes from the window in which it is farther from the edge. Texts of a call, and windows, are
/// computed in batches of about <see cref="BatchTokens"/> tokens without padding: larger ones gain nothing, as the weights are read once a batch and
/// stay in the last cache, and between two batches another call gets its turn.
/// </remarks>
internal sealed partial class LocalTextEmbedder : ITokenEmbedder, IMemoryHolder, IDisposable
{
    /// <summary>Most texts of a call.</summary>
    public const int MaxTexts = 256;

    private const int BatchTokens = 128;
    private const int DefaultThreads = 4;

    // Tokens of a long text that two neighbouring windows share.
    private const int Overlap = 64;

    private static readonly TimeSpan AskedLately = TimeSpan.FromSeconds(1);

    // What can wait gets a batch that often at least, however much else there is.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private readonly float[] _tokenMean = TokenMean.Read();
    private readonly LocalEmbedderOptions _options;
    private readonly ILogger<LocalTextEmbedder> _logger;
    private readonly Lock _loading = new();
    private readonly SemaphoreSlim _turns;
    private readonly EmbeddingRest _rest = new();
    private readonly ConcurrentBag<EncoderScratch> _scratches = [];
    private readonly ConcurrentBag<EmbeddingJob> _jobs = [];
    private readonly Lazy<string> _identity;
    private LoadedModel? _model;
    private PanelTeam? _asked;
    private long _askedAt;
    private int _waiting;

    /// <summary>Calls that compute or are about to. Guarded by the lock of the loading.</summary>
    private int _calls;

    public LocalTextEmbedder(IOptions<LocalEmbedderOptions> options, ILogger<LocalTextEmbedder> logger)
    {
        _options = options.Value;
        _logger = logger;
        Threads = _options.Threads > 0 ? _options.Threads : Math.Min(DefaultThreads, Environment.ProcessorCount);
        _turns = new SemaphoreSlim(Threads);
        _identity = new(() => ModelIdentity.Of(this, _options), LazyThreadSafetyMode.PublicationOnly);
    }

    public string Model => "bge-small-en-v1.5";

    public int Dimensions => EmbeddingOptions.LocalDimensions;

    /// <inheritdoc/>
    /// <exception cref="DependencyUnavailableException">The model's files cannot be read.</exception>
    public string Identity
    {
        get
        {
            try
            {
                return _identity.Value;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotLoaded(exception);
                throw new DependencyUnavailableException("The embedding model cannot be read.");
            }
        }
    }

    /// <summary>Most threads that compute at the same time.</summary>
    public int Threads { get; }

    /// <summary>Whether the model has been read.</summary>
    public bool IsLoaded => Volatile.Read(ref _model) is not null;

    /// <summary>Name of the code that multiplies matrices, or <c>float</c> when the model is in full precision. Reads the model.</summary>
    public string Kernel => LoadOnce().Kernel;

    public string TokenText(int id) => GetModel().Tokenizer.Vocabulary[id];

    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        => EmbedAsync(texts, Urgency.Asked, cancellationToken);

    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedInBackgroundAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        => EmbedAsync(texts, Urgency.Background, cancellationToken);

    /// <summary>The same for texts that can wait for all others: a batch is computed when no other text is, or some seconds after the one before.</summary>
    /// <inheritdoc cref="EmbedAsync(IReadOnlyList{string}, CancellationToken)"/>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAtLeisureAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
        => EmbedAsync(texts, Urgency.Leisure, cancellationToken);

    public ValueTask<IReadOnlyList<TextEncoding>> EncodeAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken)
        => EncodeAsync(texts, Urgency.Asked, cancellationToken);

    public ValueTask<IReadOnlyList<TextEncoding>> EncodeInBackgroundAsync(IReadOnlyList<TextInContext> texts, CancellationToken cancellationToken)
        => EncodeAsync(texts, Urgency.Background, cancellationToken);

    public void ReleaseMemory()
    {
        while (_scratches.TryTake(out var scratch))
        {
            scratch.Dispose();
        }

        _jobs.Clear();
        lock (_loading)
        {
            if (_calls == 0 && _model is { Encoder.IsRestored: true } model)
            {
                model.Encoder.Release();
            }
        }
    }

    public void Assist()
    {
        if (Volatile.Read(ref _asked) is { } team && _turns.Wait(0))
        {
            try
            {
                team.Help(() => Volatile.Read(ref _waiting) > 0);
            }
            finally
            {
                _turns.Release();
            }
        }
    }

    private async ValueTask<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, Urgency urgency, CancellationToken cancellationToken)
    {
        var model = BeginCall(texts.Count, cancellationToken);
        var job = TakeJob();
        try
        {
            for (var index = 0; index < texts.Count; index++)
            {
                job.AddText(model.Tokenizer, texts[index], _options.MaxTokens);
            }

            await RunAsync(model, job, urgency, cancellationToken);
            var vectors = new ReadOnlyMemory<float>[texts.Count];
            for (var index = 0; index < vectors.Length; index++)
            {
                vectors[index] = job.Pooled(index);
            }

            return vectors;
        }
        finally
        {
            _jobs.Add(job);
            EndCall();
        }
    }

    private async ValueTask<IReadOnlyList<TextEncoding>> EncodeAsync(IReadOnlyList<TextInContext> texts, Urgency urgency, CancellationToken cancellationToken)
    {
        var model = BeginCall(texts.Count, cancellationToken);
        var job = TakeJob();
        try
        {
            for (var index = 0; index < texts.Count; index++)
            {
                job.AddTextWithTokens(model.Tokenizer, texts[index], _options.MaxTokens, _options.ContextTokens);
            }

            await RunAsync(model, job, urgency, cancellationToken);
            var encodings = new TextEncoding[texts.Count];
            for (var index = 0; index < encodings.Length; index++)
            {
                encodings[index] = job.Encoding(index);
            }

            return encodings;
        }
        finally
        {
            _jobs.Add(job);
            EndCall();
        }
    }

    public void Dispose()
    {
        _model?.Encoder.Dispose();

        while (_scratches.TryTake(out var scratch))
        {
            scratch.Dispose();
        }

        _turns.Dispose();
    }

    private EmbeddingJob TakeJob()
    {
        if (!_jobs.TryTake(out var job))
        {
            job = new EmbeddingJob(_tokenMean);
        }

        job.Clear();
        return job;
    }

    /// <summary>Has the model ready for a call, until <see cref="EndCall"/>.</summary>
    private LoadedModel BeginCall(int texts, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(texts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(texts, MaxTexts);
        cancellationToken.ThrowIfCancellationRequested();
        var model = GetModel();
        lock (_loading)
        {
            if (!model.Encoder.IsRestored)
            {
                var started = Stopwatch.GetTimestamp();
                model.Encoder.Restore();
                var elapsed = Stopwatch.GetElapsedTime(started);
                LogRestored(elapsed);
            }

            _calls++;
        }

        return model;
    }

    private void EndCall()
    {
        lock (_loading)
        {
            _calls--;
        }
    }

    private LoadedModel GetModel()
    {
        try
        {
            return LoadOnce();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException)
        {
            LogNotLoaded(exception);
            throw new DependencyUnavailableException("The embedding model cannot be read.");
        }
    }

    private async Task RunAsync(LoadedModel model, EmbeddingJob job, Urgency urgency, CancellationToken cancellationToken)
    {
        job.MakeBatches(BatchTokens, model.Encoder.Shape.Positions, Overlap);
        if (urgency == Urgency.Leisure)
        {
            await RunBatchesAsync(model, job, urgency, yields: false, team: null, cancellationToken);
            return;
        }

        if (urgency == Urgency.Asked)
        {
            Volatile.Write(ref _askedAt, Stopwatch.GetTimestamp());
        }

        _rest.Begin();
        try
        {
            await RunOnThreadsAsync(model, job, urgency, cancellationToken);
        }
        finally
        {
            _rest.End();
        }
    }

    private async Task RunOnThreadsAsync(LoadedModel model, EmbeddingJob job, Urgency urgency, CancellationToken cancellationToken)
    {
        var runners = Math.Min(Threads, job.BatchCount);
        if (runners == 1)
        {
            var team = urgency == Urgency.Asked && Threads > 1 ? new PanelTeam() : null;
            await RunBatchesAsync(model, job, urgency, yields: false, team, cancellationToken);
            return;
        }

        var tasks = new Task[runners];
        for (var index = 0; index < runners; index++)
        {
            // Texts that nobody waits for take all threads, and leave half of them when somebody asks.
            var yields = urgency != Urgency.Asked && index >= Math.Max(1, Threads / 2);
            tasks[index] = Task.Run(() => RunBatchesAsync(model, job, urgency, yields, team: null, cancellationToken), CancellationToken.None);
        }

        // All of them, as the job's memory is used again afterwards.
        await Task.WhenAll(tasks);
    }

    /// <summary>Whether somebody asked lately; then texts that nobody waits for leave half of the threads alone.</summary>
    internal bool IsAsked => Volatile.Read(ref _askedAt) is var at and not 0 && Stopwatch.GetElapsedTime(at) < AskedLately;

    private async Task RunBatchesAsync(LoadedModel model, EmbeddingJob job, Urgency urgency, bool yields, PanelTeam? team, CancellationToken cancellationToken)
    {
        while (!(yields && IsAsked) && job.TryTakeBatch(out var batch))
        {
            if (urgency == Urgency.Leisure)
            {
                await _rest.WaitAsync(LongestRest, cancellationToken);
            }

            await TakeTurnAsync(cancellationToken);
            try
            {
                if (!_scratches.TryTake(out var scratch))
                {
                    scratch = new EncoderScratch(model.Encoder.Shape);
                }

                scratch.Team = team;
                if (team is not null)
                {
                    Volatile.Write(ref _asked, team);
                }

                job.Compute(model.Encoder, scratch, batch);
                scratch.Team = null;
                _scratches.Add(scratch);
            }
            finally
            {
                team?.End();
                Interlocked.CompareExchange(ref _asked, null, team);
                _turns.Release();
            }
        }
    }

    private async ValueTask TakeTurnAsync(CancellationToken cancellationToken)
    {
        // One who asks makes a thread that merely helps go.
        Interlocked.Increment(ref _waiting);
        try
        {
            await _turns.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Who asks while it is read waits: two would read it twice. A failed reading is tried again: the file may be put right without a restart.</summary>
    private LoadedModel LoadOnce()
    {
        if (Volatile.Read(ref _model) is { } loaded)
        {
            return loaded;
        }

        lock (_loading)
        {
            return _model ??= Load();
        }
    }

    private LoadedModel Load()
    {
        var started = Stopwatch.GetTimestamp();
        var tokenizer = new WordPieceTokenizer(Vocabulary.Read(Path.Combine(AppContext.BaseDirectory, _options.VocabularyFile)));
        var path = Path.Combine(AppContext.BaseDirectory, _options.ModelFile);
        IModelTensors tensors = path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? new SafetensorsFile(path) : new Int8ModelFile(path);
        try
        {
            if (tensors.Shape.Width != Dimensions || tensors.Shape.Tokens != tokenizer.Vocabulary.Count)
            {
                throw new InvalidDataException("The model file and the vocabulary are not those of bge-small-en-v1.5.");
            }

            var kernel = Int8Kernels.Choose(_options.Kernel);
            var name = tensors.IsQuantized ? kernel.Name : "float";
            var model = new LoadedModel(tokenizer, new Encoder(tensors, kernel), name);
            var elapsed = Stopwatch.GetElapsedTime(started);
            LogLoaded(Model, name, Threads, elapsed);
            return model;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Embedding model {Model} loaded in {Elapsed}: kernel {Kernel}, at most {Threads} threads")]
    private partial void LogLoaded(string model, string kernel, int threads, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The embedding model's weights were read again in {Elapsed}")]
    private partial void LogRestored(TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Error, Message = "The embedding model cannot be read")]
    private partial void LogNotLoaded(Exception exception);

    /// <summary>What goes first.</summary>
    private enum Urgency
    {
        /// <summary>Somebody waits for it.</summary>
        Asked,

        /// <summary>It is to be found soon.</summary>
        Background,

        /// <summary>It can wait for both.</summary>
        Leisure,
    }

    private sealed record LoadedModel(WordPieceTokenizer Tokenizer, Encoder Encoder, string Kernel);
}
