using System.Security.Cryptography;
using Google.Protobuf.Collections;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Qdrant.Client;
using Qdrant.Client.Grpc;
using Conditions = Qdrant.Client.Grpc.Conditions;
using Filter = Qdrant.Client.Grpc.Filter;
using Range = Qdrant.Client.Grpc.Range;

// The client calls the places of payloads and quantised vectors obsolete; servers of 1.18 know no other names for them.
#pragma warning disable CS0612

namespace MemoryMesh.Search.Storage.Qdrant;

/// <summary>Asks Qdrant over gRPC with its own client. What it asks and promises is what the REST transport does.</summary>
/// <param name="client">Qdrant's client.</param>
/// <param name="options">Time limits.</param>
/// <param name="clock">The clock.</param>
internal sealed class QdrantGrpcTransport(QdrantClient client, IOptions<QdrantOptions> options, TimeProvider clock) : IQdrantTransport
{
    private const int MostPoints = 50;
    private const int MostIds = 500;
    private const int FillerBytes = 700_000;
    private const int Fillers = 4;

    private static readonly string[] Wanted = [QdrantFields.Tenant, QdrantFields.Subject, QdrantFields.Kind, QdrantFields.Version, QdrantFields.Sealed];

    private static readonly WithPayloadSelector NoPayload = new() { Enable = false };

    private readonly QdrantPatience _patience = new(options.Value, clock);

    public async Task<bool> EnsureCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        if (await WriteAsync(token => client.CollectionExistsAsync(collection.Name, token), cancellationToken))
        {
            return false;
        }

        // The client's own arguments would write how payloads are kept into a field that servers of 1.18 pass over, and that later ones heed instead of the one that an erasure changes.
        var wanted = new CreateCollection
        {
            CollectionName = collection.Name,
            VectorsConfig = new VectorsConfig
            {
                ParamsMap = new VectorParamsMap
                {
                    Map =
                    {
                        [QdrantCollection.Vector] = new VectorParams
                        {
                            Size = (ulong)collection.Dimensions,
                            Distance = Distance.Cosine,
                            QuantizationConfig = new QuantizationConfig { Scalar = new ScalarQuantization { Type = QuantizationType.Int8, Quantile = 0.99f, AlwaysRam = true } },
                        },
                    },
                },
            },
            OnDiskPayload = true,
            WalConfig = new WalConfigDiff { WalCapacityMb = Rest.QdrantRequests.LogMegabytes },
        };
        await ChangeAsync(token => UnlessAsync(StatusCode.AlreadyExists, client.CreateCollectionAsync(wanted, token)), cancellationToken);
        await UpdateAsync(
            token => client.CreatePayloadIndexAsync(
                collection.Name,
                QdrantFields.Tenant,
                PayloadSchemaType.Keyword,
                new PayloadIndexParams { KeywordIndexParams = new KeywordIndexParams { IsTenant = true } },
                cancellationToken: token),
            cancellationToken);
        foreach (var (field, type) in QdrantFields.Indexed)
        {
            var schema = type switch { "integer" => PayloadSchemaType.Integer, "float" => PayloadSchemaType.Float, _ => PayloadSchemaType.Keyword };
            await UpdateAsync(token => client.CreatePayloadIndexAsync(collection.Name, field, schema, cancellationToken: token), cancellationToken);
        }

        return true;
    }

    public Task DropCollectionAsync(QdrantCollection collection, CancellationToken cancellationToken)
        => ChangeAsync(
            async token =>
            {
                try
                {
                    await client.DeleteCollectionAsync(collection.Name, cancellationToken: token);
                }
                catch (QdrantException)
                {
                    // Qdrant has answered that there is none to drop.
                }
            },
            cancellationToken);

    public async Task UpsertAsync(QdrantCollection collection, IReadOnlyList<QdrantPoint> points, CancellationToken cancellationToken)
    {
        foreach (var part in points.Chunk(MostPoints))
        {
            var written = part.Select(ToPoint).ToList();
            await UpdateAsync(token => client.UpsertAsync(collection.Name, written, wait: true, cancellationToken: token), cancellationToken);
        }
    }

    public async Task DeleteAsync(QdrantCollection collection, QdrantScope scope, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        foreach (var part in ids.Chunk(MostIds))
        {
            var filter = new Filter
            {
                Must =
                {
                    Conditions.MatchKeyword(QdrantFields.Tenant, QdrantScope.Text(scope.TenantId)),
                    Conditions.MatchKeyword(QdrantFields.Subject, QdrantScope.Text(scope.OwnerKey)),
                    Conditions.HasId(part),
                },
            };
            await UpdateAsync(
                token => MissingAs(
                    client.DeleteAsync(collection.Name, filter, wait: true, cancellationToken: token), new UpdateResult { Status = UpdateStatus.Completed }),
                cancellationToken);
        }
    }

    public async Task<IReadOnlyList<QdrantHit>> QueryAsync(
        QdrantCollection collection, float[] vector, QdrantFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (!Array.TrueForAll(vector, float.IsFinite))
        {
            throw new ArgumentException("The vector holds a value that is no number.", nameof(vector));
        }

        var parameters = new SearchParams { Quantization = new QuantizationSearchParams { Rescore = true, Oversampling = 2.0 } };
        var found = await ReadAsync(
            collection,
            filter,
            (payload, token) => client.QueryAsync(
                collection.Name,
                query: vector,
                usingVector: QdrantCollection.Vector,
                filter: ToFilter(filter, null),
                searchParams: parameters,
                limit: (ulong)limit,
                payloadSelector: payload,
                cancellationToken: token),
            cancellationToken);
        return [.. found.OrderByDescending(hit => hit.Score ?? double.NegativeInfinity).ThenBy(hit => hit.Id)];
    }

    public Task<IReadOnlyList<QdrantHit>> SampleAsync(QdrantCollection collection, QdrantFilter filter, int limit, CancellationToken cancellationToken)
        => ReadAsync(
            collection,
            filter,
            (payload, token) => client.QueryAsync(
                collection.Name, query: Sample.Random, filter: ToFilter(filter, null), limit: (ulong)limit, payloadSelector: payload, cancellationToken: token),
            cancellationToken);

    public async Task<IReadOnlyList<QdrantHit>> FindAsync(QdrantCollection collection, QdrantFilter filter, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var hits = new List<QdrantHit>(ids.Count);
        var parts = new Stack<Guid[]>(ids.Chunk(MostIds));
        while (parts.TryPop(out var part))
        {
            var asking = part;
            var found = await AskAsync(
                token => FittingAsync(
                    MissingAs(
                        client.ScrollAsync(collection.Name, ToFilter(filter, asking), (uint)asking.Length, payloadSelector: Wanted, cancellationToken: token), new ScrollResponse()),
                    canBeParted: asking.Length > 1),
                cancellationToken);
            if (found is null)
            {
                parts.Push(part[(part.Length / 2)..]);
                parts.Push(part[..(part.Length / 2)]);
                continue;
            }

            hits.AddRange(found.Result.Select(point => ToHit(point.Id, point.Payload, null)).OfType<QdrantHit>());
        }

        return hits;
    }

    public async Task<int> CountAsync(QdrantCollection collection, QdrantFilter filter, CancellationToken cancellationToken)
        => (int)await AskAsync(
            token => MissingAs(client.CountAsync(collection.Name, ToFilter(filter, null), exact: true, cancellationToken: token), 0UL), cancellationToken);

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.ListCollectionsAsync(cancellationToken);
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    public Task SetPayloadOnDiskAsync(QdrantCollection collection, bool onDisk, CancellationToken cancellationToken)
        => ChangeAsync(
            token => client.UpdateCollectionAsync(collection.Name, collectionParams: new CollectionParamsDiff { OnDiskPayload = onDisk }, cancellationToken: token),
            cancellationToken);

    /// <summary>gRPC does not tell of waiting optimisations but by the status of the collection.</summary>
    public async Task<QdrantUpkeep> ReadUpkeepAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var info = await WriteAsync(token => client.GetCollectionInfoAsync(collection.Name, token), cancellationToken);
        return new(info.Config.Params.OnDiskPayload, info.Status == CollectionStatus.Green);
    }

    public async Task FillLogAsync(QdrantCollection collection, CancellationToken cancellationToken)
    {
        var ids = Enumerable.Range(0, Fillers).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in ids)
        {
            var point = new PointStruct
            {
                Id = id,
                Vectors = new Dictionary<string, Vector>(),
                Payload =
                {
                    [QdrantFields.Tenant] = QdrantScope.Text(QdrantScope.Filler.TenantId),
                    [QdrantFields.Subject] = QdrantScope.Text(QdrantScope.Filler.OwnerKey),
                    [QdrantFields.Filler] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(FillerBytes)),
                },
            };
            await UpdateAsync(token => client.UpsertAsync(collection.Name, [point], wait: true, cancellationToken: token), cancellationToken);
        }

        await DeleteAsync(collection, QdrantScope.Filler, ids, cancellationToken);
    }

    public async Task<IReadOnlyList<string>> ListSnapshotsAsync(QdrantCollection collection, CancellationToken cancellationToken)
        => [.. (await WriteAsync(token => MissingAs(client.ListSnapshotsAsync(collection.Name, token), []), cancellationToken)).Select(snapshot => snapshot.Name)];

    private static PointStruct ToPoint(QdrantPoint point)
    {
        if (!Array.TrueForAll(point.Vector, float.IsFinite))
        {
            throw new ArgumentException("A vector holds a value that is no number.", nameof(point));
        }

        var written = new PointStruct
        {
            Id = point.Id,
            Vectors = new Dictionary<string, Vector> { [QdrantCollection.Vector] = point.Vector },
            Payload =
            {
                [QdrantFields.Tenant] = QdrantScope.Text(point.Scope.TenantId),
                [QdrantFields.Subject] = QdrantScope.Text(point.Scope.OwnerKey),
                [QdrantFields.Kind] = (long)point.Kind,
                [QdrantFields.Role] = (long)point.Role,
                [QdrantFields.CreatedAt] = point.CreatedAt,
                [QdrantFields.Version] = (long)point.Version,
                [QdrantFields.Sealed] = Convert.ToBase64String(point.Sealed),
            },
        };
        if (point.Conversation is { } conversation)
        {
            written.Payload[QdrantFields.Conversation] = QdrantScope.Text(conversation);
        }

        if (point.Category is { } category)
        {
            written.Payload[QdrantFields.Category] = category;
        }

        if (point.Importance is { } importance)
        {
            written.Payload[QdrantFields.Importance] = importance;
        }

        return written;
    }

    private static QdrantHit? ToHit(ScoredPoint point) => ToHit(point.Id, point.Payload, ScoreOf(point));

    private static double? ScoreOf(ScoredPoint point) => float.IsFinite(point.Score) ? point.Score : null;

    /// <returns>Null when it is no point of an item.</returns>
    private static QdrantHit? ToHit(PointId id, MapField<string, Value> payload, double? score)
    {
        if (!payload.TryGetValue(QdrantFields.Sealed, out var content))
        {
            return null;
        }

        try
        {
            var scope = new QdrantScope(Guid.Parse(payload[QdrantFields.Tenant].StringValue), Guid.Parse(payload[QdrantFields.Subject].StringValue));
            return new(
                Guid.Parse(id.Uuid), scope, (int)payload[QdrantFields.Kind].IntegerValue, (int)payload[QdrantFields.Version].IntegerValue, Convert.FromBase64String(content.StringValue), score);
        }
        catch (Exception exception) when (exception is FormatException or KeyNotFoundException)
        {
            throw new QdrantUnavailableException("malformed");
        }
    }

    private static Filter ToFilter(QdrantFilter wanted, IReadOnlyList<Guid>? ids)
    {
        var filter = new Filter
        {
            Must = { Conditions.MatchKeyword(QdrantFields.Tenant, QdrantScope.Text(wanted.TenantId)), Conditions.Match(QdrantFields.Kind, Numbers(wanted.Kinds)) },
        };
        if (wanted.Owners is { } owners)
        {
            filter.Must.Add(Conditions.Match(QdrantFields.Subject, owners.Select(QdrantScope.Text).ToList()));
        }

        if (wanted.Conversation is { } conversation)
        {
            filter.Must.Add(Conditions.MatchKeyword(QdrantFields.Conversation, QdrantScope.Text(conversation)));
        }

        if (wanted.Roles.Count > 0)
        {
            filter.Must.Add(Conditions.Match(QdrantFields.Role, Numbers(wanted.Roles)));
        }

        if (wanted.Categories.Count > 0)
        {
            filter.Must.Add(Conditions.Match(QdrantFields.Category, wanted.Categories));
        }

        if (wanted.From is not null || wanted.To is not null)
        {
            var range = new Range();
            if (wanted.From is { } from)
            {
                range.Gte = from;
            }

            if (wanted.To is { } to)
            {
                range.Lte = to;
            }

            filter.Must.Add(Conditions.Range(QdrantFields.CreatedAt, range));
        }

        if (wanted.MinImportance is { } importance)
        {
            filter.Must.Add(Conditions.Filter(new Filter
            {
                Should =
                {
                    Conditions.Range(QdrantFields.Importance, new Range { Gte = importance }),
                    Conditions.Filter(new Filter { Must = { Conditions.IsEmpty(QdrantFields.Importance), Conditions.Match(QdrantFields.Role, Numbers(wanted.RolesImportantEnough)) } }),
                },
            }));
        }

        if (ids is not null)
        {
            filter.Must.Add(Conditions.HasId(ids));
        }

        return filter;
    }

    private static List<long> Numbers(IReadOnlyList<int> values) => [.. values.Select(value => (long)value)];

    /// <summary>
    /// What a query finds: in one answer as far as the client takes one, which is up to 4 MB and some two thousand points, or ten of long texts. Of a larger one the ids come first, and what
    /// belongs to them in parts.
    /// </summary>
    private async Task<IReadOnlyList<QdrantHit>> ReadAsync(
        QdrantCollection collection,
        QdrantFilter filter,
        Func<WithPayloadSelector, CancellationToken, Task<IReadOnlyList<ScoredPoint>>> query,
        CancellationToken cancellationToken)
    {
        if (await AskAsync(token => FittingAsync(MissingAs(query(Wanted, token), []), canBeParted: true), cancellationToken) is { } whole)
        {
            return [.. whole.Select(ToHit).OfType<QdrantHit>()];
        }

        var named = await AskAsync(token => MissingAs(query(NoPayload, token), []), cancellationToken);
        var scores = named.Where(point => Guid.TryParse(point.Id.Uuid, out _)).ToDictionary(point => Guid.Parse(point.Id.Uuid), ScoreOf);
        var hits = await FindAsync(collection, filter, [.. scores.Keys], cancellationToken);
        return [.. hits.Select(hit => hit with { Score = scores[hit.Id] })];
    }

    /// <summary>Null for an answer that is larger than the client takes.</summary>
    private static async Task<T?> FittingAsync<T>(Task<T> asking, bool canBeParted)
        where T : class
    {
        try
        {
            return await asking;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.ResourceExhausted && canBeParted)
        {
            return null;
        }
    }

    /// <summary>Another answer for a collection that is not there.</summary>
    private static async Task<T> MissingAs<T>(Task<T> asking, T instead)
    {
        try
        {
            return await asking;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            return instead;
        }
    }

    /// <summary>Nothing when it is as it was wished for already.</summary>
    private static async Task UnlessAsync(StatusCode already, Task asking)
    {
        try
        {
            await asking;
        }
        catch (RpcException exception) when (exception.StatusCode == already)
        {
        }
    }

    /// <summary>Changes a collection.</summary>
    private async Task ChangeAsync(Func<CancellationToken, Task> ask, CancellationToken cancellationToken)
        => await WriteAsync(
            async token =>
            {
                await ask(token);
                return true;
            },
            cancellationToken);

    /// <summary>Changes points or indexes. Qdrant may answer before it is done, when it takes longer than it waits.</summary>
    private async Task UpdateAsync(Func<CancellationToken, Task<UpdateResult>> ask, CancellationToken cancellationToken)
    {
        var result = await WriteAsync(ask, cancellationToken);
        if (result.Status != UpdateStatus.Completed)
        {
            throw new QdrantUnavailableException("not_completed");
        }
    }

    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        => _patience.AskAsync(token => TranslateAsync(ask, token), cancellationToken);

    private Task<T> WriteAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        => _patience.WriteAsync(token => TranslateAsync(ask, token), cancellationToken);

    private static async Task<T> TranslateAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken);
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new QdrantUnavailableException(
                exception.StatusCode == StatusCode.Unavailable ? QdrantUnavailableException.Network : $"grpc_{exception.StatusCode}", IsLasting(exception.StatusCode));
        }
        catch (QdrantException)
        {
            throw new QdrantUnavailableException("not_completed");
        }
        catch (RpcException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Whether it is what was asked, or how this server is set up, that Qdrant does not take.</summary>
    private static bool IsLasting(StatusCode status)
        => status is StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.FailedPrecondition or StatusCode.OutOfRange or StatusCode.Unimplemented
            or StatusCode.Unauthenticated or StatusCode.PermissionDenied;
}
