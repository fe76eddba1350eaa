using MemoryMesh.AppHost.Aspire.Kubernetes;

namespace MemoryMesh.AppHost.Aspire;

/// <summary>The servers that the services keep things in and talk through. Each has a named volume, and outlives the app host in development.</summary>
internal sealed record Engines(
    IResourceBuilder<RabbitMQServerResource> RabbitMq,
    IResourceBuilder<RedisResource> Redis,
    IResourceBuilder<PostgresDatabaseResource> Accounts,
    IResourceBuilder<PostgresDatabaseResource> Retention,
    IResourceBuilder<QdrantServerResource> Qdrant)
{
    /// <summary>Name of the broker, and of its connection string.</summary>
    public const string RabbitMqName = "rabbitmq";

    /// <summary>Name of Redis, and of its connection string.</summary>
    public const string RedisName = "redis";

    /// <summary>Name of Qdrant, and of its connection string.</summary>
    public const string QdrantName = "qdrant";

    private const string PostgresName = "postgres";

    /// <summary>User and group of the images of PostgreSQL, RabbitMQ and Redis, which are made from Debian and Ubuntu.</summary>
    private const long DebianUser = 999;

    /// <summary>User of Qdrant's image that runs without root.</summary>
    private const long QdrantUser = 1000;

    public static Engines Add(IDistributedApplicationBuilder builder, Cluster? cluster)
    {
        // Every engine is reached from the services that have its address, and from nobody else.
        string[] all = [.. Services.Names];
        var rabbitMq = builder.AddRabbitMQ(RabbitMqName, password: Password(builder, RabbitMqName))
            .WithDataVolume(Volume(RabbitMqName)).WithManagementPlugin().WithLifetime(ContainerLifetime.Persistent);
        var redis = builder.AddRedis(RedisName, password: Password(builder, RedisName))
            .WithDataVolume(Volume(RedisName)).WithoutHttpsCertificate().WithLifetime(ContainerLifetime.Persistent);
        var postgres = builder.AddPostgres(PostgresName, password: Password(builder, PostgresName))
            .WithDataVolume(Volume(PostgresName)).WithLifetime(ContainerLifetime.Persistent);
        var qdrant = builder.AddQdrant(QdrantName, Password(builder, QdrantName))
            .WithDataVolume(Volume(QdrantName)).WithLifetime(ContainerLifetime.Persistent);
        qdrant.WithImageTag(WithoutRoot(qdrant.Resource));

        cluster?.Run(rabbitMq, new Placement(Volume(RabbitMqName), "10Gi", DebianUser, new("250m", "512Mi", "2", "2Gi"), all, ["tcp"]));
        cluster?.Run(redis, new Placement(Volume(RedisName), "1Gi", DebianUser, new("50m", "64Mi", "1", "512Mi"), all, ["tcp"]));
        cluster?.Run(postgres, new Placement(Volume(PostgresName), "20Gi", DebianUser, new("250m", "512Mi", "2", "2Gi"), ["auth", "retention"], ["tcp"]));
        cluster?.Run(qdrant, new Placement(Volume(QdrantName), "50Gi", QdrantUser, new("500m", "1Gi", "4", "8Gi"), ["search"], ["grpc", "http"]));

        // The names differ from those of the services, as a name stands for one resource; the connection strings have the services' names.
        return new(rabbitMq, redis, postgres.AddDatabase("authdb", "auth"), postgres.AddDatabase("retentiondb", "retention"), qdrant);
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
