using MemoryMesh.AppHost.Moving;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.AppHost;

/// <summary>What the program was asked to do.</summary>
internal enum CommandKind
{
    /// <summary>Serve, all services in this process.</summary>
    Embedded,

    /// <summary>Serve, each service in a process of its own.</summary>
    Processes,

    /// <summary>Play the demo.</summary>
    Demo,

    /// <summary>Write the generated pages of the documentation.</summary>
    Docs,

    /// <summary>Copy an installation to other stores.</summary>
    Migrate,

    /// <summary>Ask the running server for its health.</summary>
    HealthCheck,

    /// <summary>Print <see cref="CommandLine.Usage"/>.</summary>
    Help,

    /// <summary>Print the version.</summary>
    Version,

    /// <summary>Print what is wrong.</summary>
    Error,
}

/// <summary>The command line, read.</summary>
/// <remarks>
/// Nearly all of it is .NET configuration, <c>--Section:Key value</c>, which only the configuration can judge. Here the rest is sorted out: what is
/// no setting is refused instead of being taken for one.
/// </remarks>
/// <param name="Kind">What to do.</param>
/// <param name="Settings">Arguments for the configuration of the host, or for the command.</param>
/// <param name="Message">What is wrong, when <see cref="CommandKind.Error"/>.</param>
internal sealed record CommandLine(CommandKind Kind, string[] Settings, string? Message = null)
{
    /// <summary>Exit code of a command line that cannot be read.</summary>
    public const int ErrorCode = 2;

    private const string OpenSwitch = "--open";

    /// <summary>What <c>--help</c> prints.</summary>
    public const string Usage =
        $"""
        MemoryMesh, a memory server for AI assistants.

        Usage:
          dotnet run --project AppHost -- [options] [settings]    serve until Ctrl-C
          dotnet run --project AppHost -- demo                    play a short scene over a temporary folder
          dotnet run --project AppHost -- docs                    write the pages of docs/ that are made from the code
          dotnet run --project AppHost -- migrate --from <place> --to <place>
                                                                  copy an installation to other stores: docs/migrating.md
          dotnet MemoryMesh.AppHost.dll healthcheck               exit 0 when the server of this machine or container is healthy, else 1

        Options:
          --urls <addresses>        where to listen; default http://localhost:8000
          --data <folder>           where everything is kept; default ./data
          {OpenSwitch}                    answer requests without credentials as the owner of one local tenant, on the loopback address only
          {ProcessHost.Switch}               run each service as a process of its own, with RabbitMQ between them
          --environment <name>      Development or Production, the default
          --contentRoot <folder>    where appsettings.json is; default the current folder
          --help, --version

        Settings are .NET configuration, --Section:Key value or --Section:Key=value; docs/configuration.md lists them.
        Exit codes: 0 stopped when asked to; 1 a process ended by itself; 2 the server cannot start as it was told to.
        """;

    /// <summary>Switches with a value that are no <c>Section:Key</c>.</summary>
    private static readonly string[] Plain = ["--urls", "--data", "--environment", "--contentRoot"];

    /// <summary>Reads the arguments.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        switch (arguments)
        {
            case [DemoCommand.Name]:
                return new(CommandKind.Demo, []);
            case [DocsCommand.Name]:
                return new(CommandKind.Docs, []);
            case [HealthCheckCommand.Name]:
                return new(CommandKind.HealthCheck, []);
            case [MigrateCommand.Name, ..]:
                return arguments.Contains("--help") ? new(CommandKind.Help, []) : new(CommandKind.Migrate, [.. arguments.Skip(1)]);
            case [DemoCommand.Name or DocsCommand.Name or HealthCheckCommand.Name, ..]:
                return Wrong($"`{arguments[0]}` takes no arguments.");
        }

        var settings = new List<string>();
        var (open, processes) = (false, false);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var end = argument.IndexOf('=', StringComparison.Ordinal);
            var name = end < 0 ? argument : argument[..end];
            switch (name)
            {
                case "--help" or "-h" or "-?":
                    return new(CommandKind.Help, []);
                case "--version":
                    return new(CommandKind.Version, []);
                case OpenSwitch or ProcessHost.Switch when end >= 0:
                    return Wrong($"{name} takes no value.");
                case OpenSwitch:
                    open = true;
                    continue;
                case ProcessHost.Switch:
                    processes = true;
                    continue;
            }

            if (!IsSetting(name))
            {
                return Unknown(name);
            }

            settings.Add(argument);
            if (end < 0)
            {
                if (++i == arguments.Count || arguments[i].StartsWith("--", StringComparison.Ordinal))
                {
                    return Wrong($"{name} needs a value.");
                }

                settings.Add(arguments[i]);
            }
        }

        if (open)
        {
            settings.Add($"--{OpenOptions.Section}:{nameof(OpenOptions.Enabled)}=true");
        }

        return new(processes ? CommandKind.Processes : CommandKind.Embedded, [.. settings]);
    }

    /// <summary>Does what was asked.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        switch (Kind)
        {
            case CommandKind.Demo:
                return await DemoCommand.RunAsync();
            case CommandKind.Docs:
                return await DocsCommand.RunAsync();
            case CommandKind.Migrate:
                return await MigrateCommand.RunAsync(Settings);
            case CommandKind.HealthCheck:
                return await HealthCheckCommand.RunAsync();
            case CommandKind.Processes:
                return await ProcessHost.RunAsync(Settings);
            case CommandKind.Embedded:
                return await EmbeddedHost.RunAsync(Settings);
            case CommandKind.Help:
                await Console.Out.WriteLineAsync(Usage);
                return 0;
            case CommandKind.Version:
                await Console.Out.WriteLineAsync(ProductVersion.Current);
                return 0;
            default:
                await Console.Error.WriteLineAsync($"MemoryMesh cannot start: {Message} `--help` lists what there is.");
                return ErrorCode;
        }
    }

    /// <summary>A section with a key may be any that some part of .NET reads. Environment names without a key are read under their own name.</summary>
    private static bool IsSetting(string name)
        => Plain.Contains(name, StringComparer.OrdinalIgnoreCase)
            || (name.StartsWith("--", StringComparison.Ordinal)
                && (name.IndexOf(':', StringComparison.Ordinal) is > 2 and var colon && colon < name.Length - 1
                    || EnvironmentNames.All.Any(known => known.Key is null && name.AsSpan(2).SequenceEqual(known.Name))));

    private static CommandLine Unknown(string name)
    {
        // Not repeated when it is no switch: a value that lost its switch may be a secret.
        if (!name.StartsWith('-'))
        {
            return Wrong("There is an argument that belongs to no option.");
        }

        if (EnvironmentNames.All.FirstOrDefault(known => known.Key is not null && name.AsSpan().TrimStart('-').SequenceEqual(known.Name)) is { } environment)
        {
            return Wrong($"{name} is an environment name: on the command line it is --{environment.Key}.");
        }

        var (nearest, distance) = Plain.Concat([OpenSwitch, ProcessHost.Switch, "--help", "--version"])
            .Select(known => (known, EnvironmentNames.EditDistance(name, known))).MinBy(candidate => candidate.Item2);
        return Wrong($"{name} is not known{(distance <= 3 ? $": is {nearest} meant?" : ".")}");
    }

    private static CommandLine Wrong(string message) => new(CommandKind.Error, [], message);
}
