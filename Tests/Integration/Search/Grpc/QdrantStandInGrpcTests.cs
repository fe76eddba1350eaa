using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using MemoryMesh.Tests.Shared;
using Qdrant.Client;
using Qdrant.Client.Grpc;

namespace MemoryMesh.Tests.Integration.Search;

/// <summary>Holds the gRPC API of the server in this process against what Qdrant's messages say of defaults, and against what Qdrant refuses.</summary>
public class QdrantStandInGrpcTests
{
    private const string Name = "things";
    private static readonly Guid First = new("0c000000-0000-7000-8000-000000000001");

    private QdrantStandIn _server = null!;
    private QdrantClient _client = null!;
    private Points.PointsClient _points = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await QdrantStandIn.StartAsync("key");
        _client = new QdrantClient(_server.Place.Grpc, "key");
        _points = new Points.PointsClient(QdrantChannel.ForAddress(_server.Place.Grpc, new ClientConfiguration { ApiKey = "key" }));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [SetUp]
    public async Task MakeAsync()
    {
        var many = new VectorParams { Size = 2, Distance = Distance.Dot, MultivectorConfig = new MultiVectorConfig { Comparator = MultiVectorComparator.MaxSim } };
        var vectors = new VectorParamsMap { Map = { ["dense"] = new VectorParams { Size = 2, Distance = Distance.Cosine }, ["tokens"] = many } };
        await _client.CreateCollectionAsync(new CreateCollection { CollectionName = Name, VectorsConfig = new VectorsConfig { ParamsMap = vectors } });
    }

    [TearDown]
    public Task DropAsync() => _client.DeleteCollectionAsync(Name);

    [Test]
    public async Task What_is_written_comes_back_of_its_own_kind()
    {
        var point = Point(First);
        point.Payload["whole"] = 9_007_199_254_740_993L;
        point.Payload["fraction"] = 1.0;
        point.Payload["text"] = "é";
        point.Payload["yes"] = true;
        point.Payload["nothing"] = new Value { NullValue = NullValue.NullValue };
        point.Payload["list"] = new Value { ListValue = new ListValue { Values = { 1L, 2.5, new Value { ListValue = new ListValue { Values = { "in" } } } } } };
        point.Payload["object"] = new Value { StructValue = new Struct { Fields = { ["a"] = 1L } } };
        await _client.UpsertAsync(Name, [point, new PointStruct { Id = 7, Vectors = new Dictionary<string, Vector>() }]);
        var page = await _client.ScrollAsync(Name, vectorsSelector: new WithVectorsSelector { Enable = true });
        Assert.That(page.Result.Select(found => found.Id), Is.EqualTo((PointId[])[7, First]), "numbers before UUIDs");
        Assert.That(page.Result[1].Payload, Is.EqualTo(point.Payload));
        Assert.That(page.Result[1].Vectors.Vectors.Vectors["dense"].Dense.Data, Is.EqualTo((float[])[0.6f, 0.8f]));
        Assert.That(page.Result[1].Vectors.Vectors.Vectors["tokens"].MultiDense.Vectors.Select(row => row.Data.ToArray()), Is.EqualTo((float[][])[[1, 0], [0, 1]]));
        Assert.That(page.NextPageOffset, Is.Null);
    }

    [Test]
    public async Task What_is_left_out_has_the_defaults_of_the_messages()
    {
        var written = await _points.UpsertAsync(new UpsertPoints { CollectionName = Name, Points = { Enumerable.Range(0, 12).Select(_ => Point(Guid.NewGuid())) } });
        Assert.That(written.Result.Status, Is.EqualTo(UpdateStatus.Acknowledged), "it waits only when it is told to");
        written = await _points.UpsertAsync(new UpsertPoints { CollectionName = Name, Wait = true, Points = { Point(First) } });
        Assert.That(written.Result.Status, Is.EqualTo(UpdateStatus.Completed));
        Assert.That((await _points.CountAsync(new CountPoints { CollectionName = Name })).Result.Count, Is.EqualTo(13));
        var scrolled = await _points.ScrollAsync(new ScrollPoints { CollectionName = Name });
        Assert.That(scrolled.Result, Has.Count.EqualTo(10));
        Assert.That(scrolled.NextPageOffset.Uuid, Is.Not.Empty);
        Assert.That(scrolled.Result.Select(point => (point.Payload.Count, point.Vectors)), Has.All.EqualTo((1, (VectorsOutput?)null)), "payloads and no vectors");
        var next = await _points.ScrollAsync(new ScrollPoints { CollectionName = Name, Offset = scrolled.NextPageOffset });
        Assert.That(next.Result, Has.Count.EqualTo(3));
        var nearest = new Query { Nearest = new VectorInput { Dense = new DenseVector { Data = { 3, 4 } } } };
        var found = await _points.QueryAsync(new QueryPoints { CollectionName = Name, Using = "dense", Query = nearest });
        Assert.That(found.Result, Has.Count.EqualTo(10));
        Assert.That(found.Result[0].Score, Is.EqualTo(1).Within(1e-6));
        Assert.That(found.Result[0].Payload, Is.Empty, "neither payloads nor vectors");
        Assert.That((await RefusedAsync(new QueryPoints { CollectionName = Name, Query = nearest })).Detail, Does.Contain("Not existing vector name"), "there is no vector without a name");
        await _points.DeleteAsync(new DeletePoints { CollectionName = Name, Points = new PointsSelector { Filter = new Filter { Must = { new Condition() } } } });
        Assert.That((await _points.CountAsync(new CountPoints { CollectionName = Name })).Result.Count, Is.Zero, "a condition without a form is passed over, and no condition is no limit");
    }

    [Test]
    public async Task What_Qdrant_cannot_convert_is_an_invalid_argument()
    {
        foreach (var (request, expected) in new (IMessage, string)[]
        {
            (new UpsertPoints { CollectionName = Name }, "Empty update request"),
            (Upsert(new PointStruct { Id = First }), "Expected some vectors"),
            (Upsert(new PointStruct { Id = First, Vectors = new Vectors() }), "No Vector Provided"),
            (Upsert(new PointStruct { Vectors = new Dictionary<string, Vector>() }), "Empty ID"),
            (Upsert(new PointStruct { Id = new PointId(), Vectors = new Dictionary<string, Vector>() }), "No ID options"),
            (Upsert(new PointStruct { Id = new PointId { Uuid = "12" }, Vectors = new Dictionary<string, Vector>() }), "Unable to parse UUID"),
            (Upsert(new PointStruct { Id = First, Vectors = new Dictionary<string, Vector> { ["dense"] = new float[] { 1, 2, 3 } } }), "expected dim: 2, got 3"),
            (Upsert(new PointStruct { Id = First, Vectors = new Dictionary<string, Vector> { ["other"] = new float[] { 1, 2 } } }), "Not existing vector name error: other"),
            (Upsert(new PointStruct { Id = First, Vectors = new Dictionary<string, Vector>(), Payload = { ["n"] = double.NaN } }), "cannot convert to json number"),
            (new DeletePoints { CollectionName = Name }, "PointSelector is missing"),
            (new DeletePoints { CollectionName = Name, Points = new PointsSelector() }, "Malformed PointsSelector"),
            (new QueryPoints { CollectionName = Name, Query = new Query() }, "Query variant is missing"),
            (new QueryPoints { CollectionName = Name, Limit = 0 }, "must be 1 or larger"),
            (new QueryPoints { CollectionName = Name, WithPayload = new WithPayloadSelector() }, "No PayloadSelector"),
            (new ScrollPoints { CollectionName = Name, Limit = 0 }, "must be 1 or larger"),
            (new CountPoints { CollectionName = "" }, "collection_name"),
            (Count(new FieldCondition { Key = "k" }), "At least one field condition"),
            (Count(new FieldCondition { Key = "k", Match = new Match() }), "Malformed Match"),
            (Count(new FieldCondition { Key = "k", Match = new Match { Text = "a" } }), "knows no field `text` of Match"),
            (new CreateFieldIndexCollection { CollectionName = Name, FieldName = "k" }, "cannot convert field_type"),
        })
        {
            if (request is CountPoints { Filter: not null })
            {
                // A filter is looked at point by point.
                await _points.UpsertAsync(Upsert(Point(First)));
            }

            var status = await RefusedAsync(request);
            Assert.That((status.StatusCode, status.Detail), Is.EqualTo((StatusCode.InvalidArgument, status.Detail)), $"{request}");
            Assert.That(status.Detail, Does.Contain(expected), $"{request}");
        }
    }

    [Test]
    public async Task Statuses_are_those_that_Qdrant_has_for_what_went_wrong()
    {
        Assert.That((await RefusedAsync(new CountPoints { CollectionName = "another" })).StatusCode, Is.EqualTo(StatusCode.NotFound));
        Assert.That(async () => await _client.CreateCollectionAsync(new CreateCollection { CollectionName = Name }), Throws(StatusCode.AlreadyExists));
        Assert.That(
            async () => await _client.CreateCollectionAsync("another", new VectorParams { Size = 2, Distance = Distance.Cosine }, onDiskPayload: true),
            Throws(StatusCode.InvalidArgument),
            "with fields that 1.18 does not know, or the product does not mean");
        Assert.That(async () => await _client.DeleteCollectionAsync("another"), NUnit.Framework.Throws.TypeOf<QdrantException>(), "an answer, which says no");
        Assert.That(async () => await _client.RetrieveAsync(Name, First), Throws(StatusCode.Unimplemented));
        using var wrong = new QdrantClient(_server.Place.Grpc, "other");
        Assert.That(async () => await wrong.ListCollectionsAsync(), Throws(StatusCode.Unauthenticated));
        using var none = new QdrantClient(_server.Place.Grpc);
        Assert.That(async () => await none.ListCollectionsAsync(), Throws(StatusCode.Unauthenticated));
        foreach (var (fault, expected) in new[] { (1, StatusCode.Unavailable), (429, StatusCode.ResourceExhausted), (500, StatusCode.Internal), (503, StatusCode.Unavailable) })
        {
            _server.FaultStatus = fault;
            Assert.That(async () => await _client.ListCollectionsAsync(), Throws(expected), $"{fault}");
            _server.FaultStatus = 0;
        }

        Assert.That(await _client.ListCollectionsAsync(), Is.EqualTo((string[])[Name]));
    }

    [Test]
    public async Task Only_calls_of_gRPC_are_answered_there()
    {
        using var http = new HttpClient { BaseAddress = _server.Place.Grpc, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        http.DefaultRequestHeaders.Add("api-key", "key");
        using var json = await http.GetAsync(new Uri("collections", UriKind.Relative));
        Assert.That(json.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        foreach (var (frame, expected) in new (byte[], StatusCode)[]
        {
            ([0, 0, 0, 0, 0], StatusCode.OK), ([1, 0, 0, 0, 0], StatusCode.Unimplemented), ([0, 0, 0, 0, 9], StatusCode.Internal), ([0, 0], StatusCode.Internal), ([0, 0, 0, 0, 1, 255], StatusCode.Internal),
        })
        {
            using var content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
            using var answer = await http.PostAsync(new Uri("qdrant.Collections/List", UriKind.Relative), content);
            await answer.Content.ReadAsByteArrayAsync();
            var status = answer.TrailingHeaders.Concat(answer.Headers).Single(header => header.Key == "grpc-status").Value.Single();
            Assert.That(status, Is.EqualTo($"{(int)expected}"), Convert.ToHexString(frame));
        }
    }

    private static PointStruct Point(Guid id) => new()
    {
        Id = id,
        Vectors = new Dictionary<string, Vector> { ["dense"] = new float[] { 0.6f, 0.8f }, ["tokens"] = new float[][] { [1, 0], [0, 1] } },
        Payload = { ["k"] = "v" },
    };

    private static UpsertPoints Upsert(PointStruct point) => new() { CollectionName = Name, Wait = true, Points = { point } };

    private static CountPoints Count(FieldCondition condition) => new() { CollectionName = Name, Filter = new Filter { Must = { new Condition { Field = condition } } } };

    private static NUnit.Framework.Constraints.IResolveConstraint Throws(StatusCode status)
        => NUnit.Framework.Throws.TypeOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(status);

    private async Task<Status> RefusedAsync(IMessage request)
    {
        try
        {
            _ = request switch
            {
                UpsertPoints upsert => await _points.UpsertAsync(upsert),
                DeletePoints delete => await _points.DeleteAsync(delete),
                CreateFieldIndexCollection index => await _points.CreateFieldIndexAsync(index),
                QueryPoints query => (IMessage)await _points.QueryAsync(query),
                ScrollPoints scroll => await _points.ScrollAsync(scroll),
                CountPoints count => await _points.CountAsync(count),
                _ => throw new ArgumentException($"No call for {request.Descriptor.Name}.", nameof(request)),
            };
            return Status.DefaultSuccess;
        }
        catch (RpcException exception)
        {
            return exception.Status;
        }
    }
}
