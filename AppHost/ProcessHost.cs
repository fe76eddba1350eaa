using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MemoryMesh.Auth;
using MemoryMesh.Chat;
using MemoryMesh.Gateway;
using MemoryMesh.Memory;
using MemoryMesh.Retention;
using MemoryMesh.Search;
using MemoryMesh.Search.Embedding;
using MemoryMesh.Search.Embedding.Replicas;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.AppHost;

/// <summary>Runs each service as a process of its own on this machine, with RabbitMQ between them.</summary>
/// <remarks>The Gateway is the only door; the services and the broker listen on the loopback address, on ports that are free at the start.</remarks>
internal static class ProcessHost
{
    /// <summary>Chooses this host on the command line.</summary>
    public const string Switch = "--processes";

    private static readonly string[] Services =
        [AuthModule.Name, ChatModule.Name, MemoryModule.Name, SearchModule.Name, RetentionModule.Name, GatewayModule.Name];

    private const string EmbedderKey = "Search__Embedders__Key";

    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(120);

    /// <summary>Longest that a service may take to stop: a little more than its own limit for requests in flight.</summary>
    private static readonly TimeSpan StopLimit = MemoryMeshHost.ShutdownTimeout + TimeSpan.FromSeconds(3);

    /// <summary>Starts everything, runs until Ctrl-C or SIGTERM, and stops everything.</summary>
    /// <returns>0; 1 when a process ended by itself; 2 when the start failed.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }

        var started = new List<ChildProcess>();
        RabbitMqServer? broker = null;
        try
        {
            var builder = MemoryMeshHost.CreateBuilder(args, "processes");
            var configuration = builder.Configuration;
            var data = Path.GetFullPath(configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}"] ?? new StorageOptions().DataDirectory);
            var address = configuration["urls"] is { Length: > 0 } urls ? urls : EmbeddedHost.DefaultAddress;
            configuration["urls"] = address;

            // Told here, once, and not by each of the processes.
            OpenMode.Announce(configuration);
            builder.TellEnvironment(Console.WriteLine);

            // The keys are made here, before anything else: the services start together and must find the same ones.
            _ = KeyFiles.Load(configuration, data);

            var connectionString = configuration.GetConnectionString(RabbitMqBusExtensions.Name);
            if (string.IsNullOrEmpty(connectionString))
            {
                broker = RabbitMqServer.Create(Path.Combine(data, RabbitMqBusExtensions.Name));
                await broker.StartAsync(stopping.Token);
                connectionString = broker.ConnectionString;
                Console.WriteLine($"[{RabbitMqBusExtensions.Name}] ready on 127.0.0.1:{broker.Port}");
            }

            // A quorum queue of RabbitMQ 3.10, which Debian has, is lost when the broker is killed in the moments after its first declaration.
            var queueType = configuration[$"{MessagingOptions.Section}:{nameof(MessagingOptions.QueueType)}"] ?? (broker is null ? QueueTypes.Quorum : QueueTypes.Classic);
            var addresses = Addresses();
            var environment = new Dictionary<string, string>
            {
                [$"ConnectionStrings__{RabbitMqBusExtensions.Name}"] = connectionString,
                [$"{MessagingOptions.Section}__{nameof(MessagingOptions.QueueType)}"] = queueType,
                ["MEMORY_DATA_DIR"] = data,
                ["Tenants__ClaimOnFirstUse"] = configuration["Tenants:ClaimOnFirstUse"] ?? "true",
                [MemoryMeshHost.EnvironmentTold] = "true",
            };
            foreach (var (service, url) in addresses)
            {
                environment[$"services__{service}__http__0"] = url;
            }

            var wanted = ProcessOptions.Read(configuration);
            var searchers = Replicas("searcher", wanted.Searchers);
            var readers = Replicas("reader", wanted.Readers);
            foreach (var (role, replicas) in ((string, List<(string Name, string Url)>)[])[(SearchModule.Searchers, searchers), (MemoryModule.Readers, readers)])
            {
                foreach (var (at, replica) in replicas.Index())
                {
                    environment[string.Create(CultureInfo.InvariantCulture, $"services__{role}__http__{at}")] = replica.Url;
                    addresses.Add(replica.Name, replica.Url);
                }
            }

            var embedders = Replicas("embedder", wanted.Embedders);
            if (embedders.Count > 0)
            {
                // Made anew at each start: nothing is kept under it.
                var key = configuration[$"{EmbeddersOptions.Section}:{nameof(EmbeddersOptions.Key)}"];
                environment[EmbedderKey] = string.IsNullOrEmpty(key) ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) : key;
                foreach (var (at, embedder) in embedders.Index())
                {
                    environment[string.Create(CultureInfo.InvariantCulture, $"services__{SearchModule.Embedders}__http__{at}")] = embedder.Url;
                    started.Add(await ChildProcess.StartAsync(
                        embedder.Name, ["dotnet", FindHost(SearchModule.Name), "--urls", embedder.Url], EmbedderEnvironment(configuration, environment[EmbedderKey])));
                    addresses.Add(embedder.Name, embedder.Url);
                }
            }

            foreach (var service in Services)
            {
                var listen = service == GatewayModule.Name ? address : addresses[service];
                started.Add(await ChildProcess.StartAsync(service, ["dotnet", FindHost(service), "--urls", listen, .. PassedOn(args)], environment));
            }

            foreach (var searcher in searchers)
            {
                started.Add(await ChildProcess.StartAsync(
                    searcher.Name,
                    ["dotnet", FindHost(SearchModule.Name), "--urls", searcher.Url, .. PassedOn(args)],
                    StatelessEnvironment(environment, $"{SearchOptions.Section}__{nameof(SearchOptions.Role)}", SearchModule.SearcherRole)));
            }

            foreach (var reader in readers)
            {
                started.Add(await ChildProcess.StartAsync(
                    reader.Name,
                    ["dotnet", FindHost(MemoryModule.Name), "--urls", reader.Url, .. PassedOn(args)],
                    StatelessEnvironment(environment, $"{MemoryOptions.Section}__{nameof(MemoryOptions.Role)}", MemoryModule.ReaderRole)));
            }

            foreach (var child in started)
            {
                await WaitUntilReadyAsync(child, child.Name == GatewayModule.Name ? address : addresses[child.Name], stopping.Token);
                Console.WriteLine($"[{child.Name}] ready");
            }

            ReadyLines.Print(First(address));
            var ended = broker is null ? [] : new List<Task> { broker.Exited };

            // Search goes on without an embedder, and the Gateway without a searcher or a reader.
            var needed = started.Where(child => embedders.Concat(searchers).Concat(readers).All(replica => replica.Name != child.Name)).ToList();
            ended.AddRange(needed.Select(child => child.Exited));
            await Task.WhenAny([.. ended, Task.Delay(Timeout.Infinite, stopping.Token)]);
            stopping.Token.ThrowIfCancellationRequested();
            var name = needed.Find(child => child.HasExited)?.Name ?? RabbitMqBusExtensions.Name;
            await Console.Error.WriteLineAsync($"{name} ended by itself; everything stops.");
            return 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (StartupException exception)
        {
            await Console.Error.WriteLineAsync($"MemoryMesh cannot start: {exception.Message}");
            return 2;
        }
        finally
        {
            await StopAllAsync(started, broker);
        }
    }

    /// <summary>The Gateway first, so that nothing new comes in; then the services together; the broker last.</summary>
    private static async Task StopAllAsync(List<ChildProcess> started, RabbitMqServer? broker)
    {
        foreach (var child in started.Where(child => child.Name == GatewayModule.Name))
        {
            await child.StopAsync(StopLimit);
        }

        await Task.WhenAll(started.Select(child => child.StopAsync(StopLimit)));
        if (broker is not null)
        {
            await broker.StopAsync();
        }

        foreach (var child in started)
        {
            await child.DisposeAsync();
        }
    }

    private static Dictionary<string, string> Addresses()
    {
        var inner = Services.Where(service => service != GatewayModule.Name).ToList();
        return inner.Zip(FreePorts.Take(inner.Count)).ToDictionary(pair => pair.First, pair => $"http://127.0.0.1:{pair.Second}");
    }

    private static List<(string Name, string Url)> Replicas(string name, int count)
        => [.. FreePorts.Take(count).Select((port, at) => (string.Create(CultureInfo.InvariantCulture, $"{name}-{at + 1}"), $"http://127.0.0.1:{port}"))];

    /// <summary>What a searcher or a reader is told: what a service is, and its role, without the broker. Of the data folder it reads the keys.</summary>
    private static Dictionary<string, string> StatelessEnvironment(Dictionary<string, string> ofServices, string setting, string role)
    {
        var environment = new Dictionary<string, string>(ofServices) { [setting] = role };
        environment[$"ConnectionStrings__{RabbitMqBusExtensions.Name}"] = "";
        environment[EmbedderKey] = "";
        return environment;
    }

    /// <summary>What an embedder is told: how to compute and to log. The root keys of this process's environment are kept from it.</summary>
    private static Dictionary<string, string> EmbedderEnvironment(ConfigurationManager configuration, string key)
    {
        var environment = new Dictionary<string, string>();
        foreach (var (name, value) in ((string[])[LocalEmbedderOptions.Section, EmbeddersOptions.Section, MonitoringOptions.Section, "Logging"])
            .SelectMany(section => configuration.GetSection(section).AsEnumerable()))
        {
            if (value is not null)
            {
                environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
            }
        }

        environment[EmbedderKey] = key;
        environment[$"{SearchOptions.Section}__{nameof(SearchOptions.Role)}"] = SearchModule.EmbedderRole;
        environment[MemoryMeshHost.EnvironmentTold] = "true";
        environment["ENCRYPTION_KEY"] = "";
        environment["MEMORY_INDEX_KEY"] = "";
        return environment;
    }

    /// <summary>Arguments for the services: all but those that this host answers itself.</summary>
    private static IEnumerable<string> PassedOn(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i].Equals("--urls", StringComparison.OrdinalIgnoreCase) || args[i].Equals("--data", StringComparison.OrdinalIgnoreCase))
            {
                i++;
            }
            else if (!args[i].StartsWith("--urls=", StringComparison.OrdinalIgnoreCase) && !args[i].StartsWith("--data=", StringComparison.OrdinalIgnoreCase))
            {
                yield return args[i];
            }
        }
    }

    /// <summary>
    /// The built host of a service: <c>Services/X/Api/bin/{configuration}/{framework}</c>, beside <c>AppHost/bin/{configuration}/{framework}</c>. Another stack than the default one is a folder below
    /// both <c>bin</c>.
    /// </summary>
    private static string FindHost(string service)
    {
        var bin = new DirectoryInfo(AppContext.BaseDirectory);
        while (bin is { Parent: not null } && bin.Name != "bin")
        {
            bin = bin.Parent;
        }

        var name = char.ToUpperInvariant(service[0]) + service[1..];
        var path = Path.Combine(
            bin.Parent?.Parent?.FullName ?? "/", "Services", name, "Api", "bin", Path.GetRelativePath(bin.FullName, AppContext.BaseDirectory), $"MemoryMesh.{name}.Api.dll");
        return File.Exists(path)
            ? path
            : throw new StartupException($"The host of the {service} service was not found at {path}: build the solution, or start with `dotnet run --project AppHost -- {Switch}`.");
    }

    private static async Task WaitUntilReadyAsync(ChildProcess child, string urls, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri(HealthCheckCommand.Visitable(First(urls))), Timeout = TimeSpan.FromSeconds(10) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadyLimit);
        while (!await IsHealthyAsync(client, limit.Token))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (child.HasExited || limit.IsCancellationRequested)
            {
                throw new StartupException(child.HasExited
                    ? $"the {child.Name} service ended with {child.ExitCode}; its lines above say why."
                    : $"the {child.Name} service was not ready within {ReadyLimit.TotalSeconds:0} s.");
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static string First(string urls) => urls.Split(';')[0];

    private static async Task<bool> IsHealthyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
