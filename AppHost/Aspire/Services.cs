using MemoryMesh.AppHost.Aspire.Kubernetes;

namespace MemoryMesh.AppHost.Aspire;

/// <summary>The six services, which share Redis and the broker, the searchers and readers, which keep nothing, and the embedders, which know nothing. Only the Gateway is seen from outside.</summary>
internal static class Services
{
    private const string GatewayName = "gateway";

    /// <summary>Name of the embedders, which is that of their address.</summary>
    private const string EmbeddersName = "embedders";

    /// <summary>Name of the searchers, which is that of their address.</summary>
    private const string SearchersName = "searchers";

    /// <summary>Whom searchers call.</summary>
    private static readonly string[] CallsOfSearchers = ["auth", "chat", "memory", "search"];

    /// <summary>Who searches, and so calls searchers where there are some.</summary>
    private static readonly string[] CallersOfSearchers = ["memory", GatewayName];

    /// <summary>Name of the readers, which is that of their address.</summary>
    private const string ReadersName = "readers";

    /// <summary>Whom readers call.</summary>
    private static readonly string[] CallsOfReaders = ["auth", "chat", "memory", "search", SearchersName];

    /// <summary>Who has contexts put together.</summary>
    private static readonly string[] CallersOfReaders = [GatewayName];

    /// <summary>User of the .NET images that runs the services ($APP_UID).</summary>
    private const long User = 1654;

    /// <summary>Who calls whom over HTTP, by the clients that each host registers. The Gateway forwards to all.</summary>
    private static readonly Dictionary<string, string[]> Calls = new()
    {
        ["auth"] = [],
        ["chat"] = ["auth", "memory", "search"],
        ["memory"] = ["auth", "chat", "search"],
        ["search"] = ["auth", "chat", "memory"],
        ["retention"] = ["auth", "chat", "memory", "search"],
        [GatewayName] = ["auth", "chat", "memory", "search", "retention"],
    };

    /// <summary>Names of the services, which are those of their projects, addresses and images.</summary>
    public static IEnumerable<string> Names => Calls.Keys;

    /// <summary>What shares answers of Auth over Redis.</summary>
    public static IEnumerable<string> Sharing(AppSettings settings)
        => [.. Names, .. settings.SearcherReplicas > 0 ? (string[])[SearchersName] : [], .. settings.ReaderReplicas > 0 ? (string[])[ReadersName] : []];

    public static void Add(IDistributedApplicationBuilder builder, Engines engines, Cluster? cluster, AppSettings settings)
    {
        var keys = Keys.Add(builder);
        var services = new Dictionary<string, IResourceBuilder<ProjectResource>>
        {
            ["auth"] = Service<Projects.MemoryMesh_Auth_Api>("auth").WithReference(engines.Accounts, "auth").WaitFor(engines.Accounts),
            ["chat"] = Service<Projects.MemoryMesh_Chat_Api>("chat").WithReference(engines.Conversations, "chat").WaitFor(engines.Conversations),
            ["memory"] = Service<Projects.MemoryMesh_Memory_Api>("memory").WithReference(engines.Memories, "memory").WaitFor(engines.Memories)
                .WithEnvironment("Memory__Llm__BaseUrl", keys.LlmAddress)
                .WithEnvironment("Memory__Llm__Model", keys.LlmModel)
                .WithEnvironment("Memory__Llm__ApiKey", keys.LlmKey),
            ["search"] = Refer(Service<Projects.MemoryMesh_Search_Api>("search"), engines.Qdrant).WaitFor(engines.Qdrant),
            ["retention"] = Service<Projects.MemoryMesh_Retention_Api>("retention").WithReference(engines.Retention, "retention").WaitFor(engines.Retention),
            [GatewayName] = Service<Projects.MemoryMesh_Gateway_Api>(GatewayName).WithReplicas(settings.GatewayReplicas).WithExternalHttpEndpoints(),
        };
        foreach (var (name, others) in Calls)
        {
            foreach (var other in others)
            {
                services[name].WithReference(services[other].GetEndpoint("http"));
            }
        }

        if (settings.EmbedderReplicas > 0)
        {
            AddEmbedders();
        }

        AddReplicas<Projects.MemoryMesh_Search_Api>(SearchersName, settings.SearcherReplicas, "Search__Role", "searcher", CallsOfSearchers, CallersOfSearchers);
        AddReplicas<Projects.MemoryMesh_Memory_Api>(ReadersName, settings.ReaderReplicas, "Memory__Role", "reader", CallsOfReaders, CallersOfReaders);

        // Services answer without each other; the Gateway comes last, so that what can be visited works.
        foreach (var other in Calls[GatewayName])
        {
            services[GatewayName].WaitFor(services[other]);
        }

        if (cluster is null)
        {
            foreach (var service in services.Values)
            {
                // Aspire starts a service by `dotnet run --no-build`, which must find what was built with this program and not the default stack. MSBuild reads its properties from here.
                service.WithEnvironment("Stack", "aspire");
            }
        }
        else
        {
            services[GatewayName].WithEnvironment("Gateway__TrustedProxies__0", builder.AddParameter("trusted-proxies", "10.0.0.0/8", publishValueAsDefault: true));
            Place(cluster, services, settings);
        }

        // Any number of the Search program, which compute for Search and keep nothing: no store, no broker, no key of the data.
        void AddEmbedders()
        {
            // The launch profile's port is Search's own.
            var embedders = builder.AddProject<Projects.MemoryMesh_Search_Api>(EmbeddersName, launchProfileName: null)
                .WithHttpEndpoint()
                .DisableForwardedHeaders()
                .WithReplicas(settings.EmbedderReplicas)
                .WithEnvironment("Search__Role", "embedder")
                .WithEnvironment("Search__Embedders__Key", keys.Embedders)
                .WithEnvironment("Monitoring__Token", keys.Monitoring)
                .WithHttpHealthCheck("/health");
            services["search"].WithReference(embedders.GetEndpoint("http")).WithEnvironment("Search__Embedders__Key", keys.Embedders);
            services.Add(EmbeddersName, embedders);
        }

        // Any number of a service's program, which answer some requests as the service does and keep nothing: no store, no broker, no folder. They check who asks, and so have the keys.
        void AddReplicas<TProject>(string name, int count, string setting, string role, IEnumerable<string> calls, IEnumerable<string> callers)
            where TProject : IProjectMetadata, new()
        {
            if (count == 0)
            {
                return;
            }

            var replicas = builder.AddProject<TProject>(name, launchProfileName: null)
                .WithReferenceEnvironment(
                    ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ConnectionProperties | ReferenceEnvironmentInjectionFlags.ServiceDiscovery)
                .WithHttpEndpoint()
                .DisableForwardedHeaders()
                .WithReplicas(count)
                .WithReference(engines.Redis).WaitFor(engines.Redis)
                .WithEnvironment(setting, role)
                .WithEnvironment("ENCRYPTION_KEY", keys.Encryption)
                .WithEnvironment("MEMORY_INDEX_KEY", keys.Index)
                .WithEnvironment("Monitoring__Token", keys.Monitoring)
                .WithHttpHealthCheck("/health");
            foreach (var other in calls.Where(services.ContainsKey))
            {
                replicas.WithReference(services[other].GetEndpoint("http"));
            }

            foreach (var caller in callers)
            {
                services[caller].WithReference(replicas.GetEndpoint("http"));
            }

            services.Add(name, replicas);
        }

        IResourceBuilder<ProjectResource> Service<TProject>(string name)
            where TProject : IProjectMetadata, new()
            => builder.AddProject<TProject>(name)

                // Connection strings and service discovery are all that the services read. The properties of connections come along for the chart's sake: only through them do the
                // passwords in its connection strings have a place in values.yaml. Endpoints do not: MEMORY_HTTP and the like would look like settings of ours.
                .WithReferenceEnvironment(
                    ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ConnectionProperties | ReferenceEnvironmentInjectionFlags.ServiceDiscovery)

                // Aspire would have every client's X-Forwarded-For believed. The Gateway believes proxies that are named, the services what carries their proof.
                .DisableForwardedHeaders()
                .WithReference(engines.RabbitMq).WaitFor(engines.RabbitMq)
                .WithReference(engines.Redis).WaitFor(engines.Redis)
                .WithEnvironment("ENCRYPTION_KEY", keys.Encryption)
                .WithEnvironment("MEMORY_INDEX_KEY", keys.Index)
                .WithEnvironment("Monitoring__Token", keys.Monitoring)
                .WithEnvironment("MEMORY_DATA_DIR", builder.ExecutionContext.IsPublishMode ? Cluster.DataPath : Path.Combine(builder.AppHostDirectory, "data", name))
                .WithHttpHealthCheck("/health");
    }

    /// <summary>Refers to Qdrant: a server of the app model tells both of its addresses.</summary>
    private static IResourceBuilder<ProjectResource> Refer(IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> qdrant)
        => qdrant is IResourceBuilder<QdrantServerResource> server ? service.WithReference(server) : service.WithReference(qdrant);

    /// <summary>What each needs of a cluster. Those that keep a file have a volume that one pod writes, and so one replica.</summary>
    private static void Place(Cluster cluster, Dictionary<string, IResourceBuilder<ProjectResource>> services, AppSettings settings)
    {
        Run("auth", "5Gi", new("100m", "192Mi", "1", "512Mi"));
        Run("chat", "10Gi", new("250m", "256Mi", "2", "1Gi"));
        Run("memory", "10Gi", new("250m", "256Mi", "2", "1Gi"));
        Run("search", "50Gi", new("500m", "512Mi", "4", "4Gi"));
        Run("retention", "10Gi", new("100m", "192Mi", "1", "512Mi"));

        if (services.TryGetValue(EmbeddersName, out var embedders))
        {
            cluster.Run(
                embedders,
                new Placement(null, null, User, new("1", "192Mi", "4", "512Mi"), ["search"], ["http"]) { Service = true, Scale = (settings.EmbedderReplicas, settings.EmbedderMaxReplicas) });
        }

        if (services.TryGetValue(SearchersName, out var searchers))
        {
            cluster.Run(
                searchers,
                new Placement(null, null, User, new("500m", "256Mi", "4", "1Gi"), [.. CallersOfSearchers, .. ReadersCalling(SearchersName)], ["http"])
                {
                    Service = true,
                    Scale = (settings.SearcherReplicas, settings.SearcherMaxReplicas),
                });
        }

        if (services.TryGetValue(ReadersName, out var readers))
        {
            cluster.Run(
                readers,
                new Placement(null, null, User, new("250m", "192Mi", "2", "512Mi"), CallersOfReaders, ["http"]) { Service = true, Scale = (settings.ReaderReplicas, settings.ReaderMaxReplicas) });
        }

        var gateway = services[GatewayName];
        cluster.Run(
            gateway,
            new Placement(null, null, User, new("250m", "192Mi", "2", "512Mi"), null, ["http"]) { Service = true, Folder = true, Scale = (settings.GatewayReplicas, settings.GatewayMaxReplicas) });
        cluster.Expose(gateway.GetEndpoint("http"));

        void Run(string name, string size, Compute compute)
            => cluster.Run(
                services[name],
                new Placement($"memorymesh-{name}", size, User, compute, [.. CallersOf(name)], ["http"]) { Service = true });

        IEnumerable<string> CallersOf(string name)
        {
            var callers = Calls.Where(call => call.Value.Contains(name)).Select(call => call.Key);
            return [.. callers, .. services.ContainsKey(SearchersName) && CallsOfSearchers.Contains(name) ? (string[])[SearchersName] : [], .. ReadersCalling(name)];
        }

        string[] ReadersCalling(string name) => services.ContainsKey(ReadersName) && CallsOfReaders.Contains(name) ? [ReadersName] : [];
    }

    /// <summary>What the services are told and nobody else may know.</summary>
    private sealed record Keys(
        IResourceBuilder<ParameterResource> Encryption,
        IResourceBuilder<ParameterResource> Index,
        IResourceBuilder<ParameterResource> Monitoring,
        IResourceBuilder<ParameterResource> Embedders,
        IResourceBuilder<ParameterResource> LlmAddress,
        IResourceBuilder<ParameterResource> LlmModel,
        IResourceBuilder<ParameterResource> LlmKey)
    {
        /// <remarks>
        /// The keys of the data have no default: one that is generated and lost makes the data unreadable. A language model is not needed, and so its values may be empty.
        /// </remarks>
        public static Keys Add(IDistributedApplicationBuilder builder)
        {
            return new(
                builder.AddParameter("encryption-key", secret: true),
                builder.AddParameter("index-key", secret: true),
                builder.AddParameter("monitoring-token", new GenerateParameterDefault { MinLength = 40, Special = false }, secret: true, persist: true),
                builder.AddParameter("embedders-key", new GenerateParameterDefault { MinLength = 40, Special = false }, secret: true, persist: true),
                builder.AddParameter("llm-address", Given("llm-address"), publishValueAsDefault: true),
                builder.AddParameter("llm-model", Given("llm-model"), publishValueAsDefault: true),
                builder.AddParameter("llm-api-key", Given("llm-api-key"), secret: true));

            Func<string> Given(string name) => () => builder.Configuration[$"Parameters:{name}"] ?? "";
        }
    }
}
