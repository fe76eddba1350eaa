using MemoryMesh.AppHost.Aspire.Kubernetes;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.AppHost.Aspire;

/// <summary>
/// The servers that the services keep things in and talk through. Each has a named volume, and outlives the app host in development; or is one that runs already, where the app host has a
/// connection string under the resource's name.
/// </summary>
internal sealed record Engines(
    IResourceBuilder<IResourceWithConnectionString> RabbitMq,
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IResourceBuilder<IResourceWithConnectionString> Accounts,
    IResourceBuilder<IResourceWithConnectionString> Retention,
    IResourceBuilder<IResourceWithConnectionString> Conversations,
    IResourceBuilder<IResourceWithConnectionString> Memories,
    IResourceBuilder<IResourceWithConnectionString> Qdrant)
{
    /// <summary>Name of the broker, and of its connection string.</summary>
    public const string RabbitMqName = "rabbitmq";

    /// <summary>Name of Redis, and of its connection string.</summary>
    public const string RedisName = "redis";

    /// <summary>Name of Qdrant, and of its connection string.</summary>
    public const string QdrantName = "qdrant";

    private const string PostgresName = "postgres";
    private const string MongoName = "mongodb";

    /// <summary>User and group of the images of PostgreSQL, MongoDB, RabbitMQ and Redis, which are made from Debian and Ubuntu.</summary>
    private const long DebianUser = 999;

    /// <summary>User of Qdrant's image that runs without root.</summary>
    private const long QdrantUser = 1000;

    public static Engines Add(IDistributedApplicationBuilder builder, Cluster? cluster, AppSettings settings)
    {
        // Every engine is reached from the services that have its address, and from nobody else.
        string[] all = [.. Services.Names];

        // The names of databases differ from those of the services, as a name stands for one resource; the connection strings have the services' names.
        var postgres = new Lazy<IResourceBuilder<PostgresServerResource>>(AddPostgres);
        var mongo = new Lazy<IResourceBuilder<MongoDBServerResource>>(AddMongo);
        return new(
            Running(RabbitMqName) ?? AddRabbitMq(),
            Running(RedisName) ?? AddRedis(),
            Running("authdb") ?? postgres.Value.AddDatabase("authdb", "auth"),
            Running("retentiondb") ?? postgres.Value.AddDatabase("retentiondb", "retention"),
            Running("chatdb") ?? mongo.Value.AddDatabase("chatdb", "chat"),
            Running("memorydb") ?? mongo.Value.AddDatabase("memorydb", "memory"),
            Running(QdrantName) ?? AddQdrant());

        IResourceBuilder<IResourceWithConnectionString>? Running(string name)
            => builder.ExecutionContext.IsRunMode && !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(name)) ? builder.AddConnectionString(name) : null;

        IResourceBuilder<RabbitMQServerResource> AddRabbitMq()
        {
            var server = builder.AddRabbitMQ(RabbitMqName, password: Password(builder, RabbitMqName))
                .WithDataVolume(Volume(RabbitMqName)).WithManagementPlugin().WithLifetime(ContainerLifetime.Persistent);
            cluster?.Run(server, new Placement(Volume(RabbitMqName), "10Gi", DebianUser, new("250m", "512Mi", "2", "2Gi"), all, ["tcp"]));
            return server;
        }

        IResourceBuilder<RedisResource> AddRedis()
        {
            var server = builder.AddRedis(RedisName, password: Password(builder, RedisName))
                .WithDataVolume(Volume(RedisName)).WithoutHttpsCertificate().WithLifetime(ContainerLifetime.Persistent);
            cluster?.Run(server, new Placement(Volume(RedisName), "1Gi", DebianUser, new("50m", "64Mi", "1", "512Mi"), [.. Services.Sharing(settings)], ["tcp"]));
            return server;
        }

        IResourceBuilder<PostgresServerResource> AddPostgres()
        {
            var server = builder.AddPostgres(PostgresName, password: Password(builder, PostgresName))
                .WithDataVolume(Volume(PostgresName)).WithLifetime(ContainerLifetime.Persistent);
            cluster?.Run(server, new Placement(Volume(PostgresName), "20Gi", DebianUser, new("250m", "512Mi", "2", "2Gi"), ["auth", "retention"], ["tcp"]));
            return server;
        }

        IResourceBuilder<MongoDBServerResource> AddMongo()
        {
            var server = builder.AddMongoDB(MongoName, password: Password(builder, MongoName))
                .WithDataVolume(Volume(MongoName)).WithLifetime(ContainerLifetime.Persistent);
            cluster?.Run(server, new Placement(Volume(MongoName), "50Gi", DebianUser, new("250m", "512Mi", "2", "4Gi"), ["chat", "memory"], ["tcp"]));
            return server;
        }

        IResourceBuilder<QdrantServerResource> AddQdrant()
        {
            var server = builder.AddQdrant(QdrantName, Password(builder, QdrantName))
                .WithDataVolume(Volume(QdrantName)).WithLifetime(ContainerLifetime.Persistent);
            server.WithImageTag(WithoutRoot(server.Resource));
            cluster?.Run(server, new Placement(Volume(QdrantName), "50Gi", QdrantUser, new("500m", "1Gi", "4", "8Gi"), ["search"], ["grpc", "http"]));
            return server;
        }
    }

    /// <summary>
    /// A password that is generated once and kept in the secrets of the developer. It is of letters and digits: the chart puts passwords into addresses as they are.
    /// </summary>
    private static IResourceBuilder<ParameterResource> Password(IDistributedApplicationBuilder builder, string engine)
        => builder.AddParameter($"{engine}-password", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

    private static string Volume(string engine) => $"memorymesh-{engine}";

    /// <summary>The tag of the same version whose server does not run as root.</summary>
    private static string WithoutRoot(QdrantServerResource qdrant) => $"{qdrant.Annotations.OfType<ContainerImageAnnotation>().Last().Tag}-unprivileged";
}
