using System.Collections;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Logging;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>What was found when the environment names were read.</summary>
/// <param name="Problems">Values that cannot be read, and settings that are given twice with different values. None holds a value.</param>
/// <param name="Warnings">Names that have no effect.</param>
public sealed record EnvironmentReport(IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
{
    /// <summary>Writes the warnings to the log, and stops the start when there are problems.</summary>
    /// <exception cref="StartupException">There are problems; the message names all of them.</exception>
    public void Tell(ILogger logger) => Tell(warning => EnvironmentLog.Warn(logger, warning));

    /// <summary>Says the warnings, and stops the start when there are problems.</summary>
    /// <exception cref="StartupException">There are problems; the message names all of them.</exception>
    public void Tell(Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(warn);
        foreach (var warning in Warnings)
        {
            warn(warning);
        }

        if (Problems.Count > 0)
        {
            throw new StartupException(string.Join(' ', Problems));
        }
    }
}

internal static partial class EnvironmentLog
{
    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void Warn(ILogger logger, string warning);
}

/// <summary>Maps <see cref="EnvironmentNames"/> onto the configuration.</summary>
public static class MemoryMeshEnvironment
{
    /// <summary>The .NET form of names of the section <c>Memory</c>.</summary>
    private const string SectionPrefix = "Memory__";

    /// <summary>
    /// Adds the environment names as the source that every other one overrides. The command line may differ from them; another source, such as
    /// the .NET form of the name or a settings file, may not: which of the two was meant cannot be known.
    /// </summary>
    /// <param name="configuration">The configuration, with its other sources already added.</param>
    /// <param name="environment">The environment; that of the process when null.</param>
    /// <returns>What is wrong, to be told once logging is there.</returns>
    public static EnvironmentReport AddMemoryMeshEnvironment(
        this ConfigurationManager configuration, IReadOnlyDictionary<string, string>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        environment ??= ProcessEnvironment();
        var problems = new List<string>();
        var warnings = UnknownNames(environment);
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var given = new Dictionary<string, (EnvironmentName Name, string Value)>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in EnvironmentNames.All)
        {
            if (!environment.TryGetValue(name.Name, out var text) || string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            if (text.Length < name.MinLength)
            {
                problems.Add($"{name.Name} has {text.Length} characters and needs at least {name.MinLength}: give a random one, for example from `openssl rand -hex 32`, or leave it unset.");
            }

            if (name.Key is null)
            {
                continue;
            }

            if (name.Value.Normalize(text) is not { } value)
            {
                problems.Add($"{name.Name} has a value that cannot be read: it takes {name.Value.Describe()}.");
                continue;
            }

            if (given.TryGetValue(name.Key, out var other))
            {
                if (other.Value != value)
                {
                    problems.Add(Differing(name.Name, other.Name.Name));
                }

                continue;
            }

            given.Add(name.Key, (name, value));
            if (FindElsewhere(configuration, name) is { } elsewhere && elsewhere != value)
            {
                problems.Add(Differing(name.Name, $"{name.Key} (as an environment name {name.Key.Replace(":", "__", StringComparison.Ordinal)})"));
            }

            if (name.Value == EnvironmentValue.List)
            {
                foreach (var (i, item) in value.Split(',', StringSplitOptions.RemoveEmptyEntries).Index())
                {
                    values[$"{name.Key}:{i}"] = item;
                }
            }
            else
            {
                values[name.Key] = value;
            }
        }

        configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = values });
        StoreEngines.Check(configuration, environment, problems, warnings);
        return new EnvironmentReport(problems, warnings);
    }

    private static string Differing(string one, string other)
        => $"{one} and {other} are one setting and are given with different values: remove one of them.";

    /// <summary>The setting's value in the other sources, in the form that equal meanings share; null when none has it.</summary>
    private static string? FindElsewhere(ConfigurationManager configuration, EnvironmentName name)
    {
        var providers = ((IConfigurationRoot)configuration).Providers.Where(provider => provider is not CommandLineConfigurationProvider).Reverse().ToList();
        foreach (var provider in providers)
        {
            if (provider.TryGet(name.Key!, out var value) && !string.IsNullOrWhiteSpace(value))
            {
                return name.Value.Normalize(value) ?? value;
            }

            var items = provider.GetChildKeys([], name.Key).Distinct(StringComparer.OrdinalIgnoreCase)
                .Order(ConfigurationKeyComparer.Instance)
                .Select(child => provider.TryGet($"{name.Key}:{child}", out var item) ? item : null)
                .Where(item => !string.IsNullOrWhiteSpace(item))
                .ToList();
            if (items.Count > 0)
            {
                return name.Value.Normalize(string.Join(',', items));
            }
        }

        return null;
    }

    private static List<string> UnknownNames(IReadOnlyDictionary<string, string> environment)
    {
        var known = EnvironmentNames.All.Select(name => name.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. environment.Keys
                .Where(name => name.StartsWith(EnvironmentNames.Prefix, StringComparison.OrdinalIgnoreCase)
                    && !name.StartsWith(SectionPrefix, StringComparison.OrdinalIgnoreCase)
                    && !known.Contains(name))
                .Order(StringComparer.Ordinal)
                .Select(name => EnvironmentNames.Nearest(name.ToUpperInvariant()) is { } nearest
                    ? $"The environment name {name} is not known and has no effect: is {nearest} meant?"
                    : $"The environment name {name} is not known and has no effect; docs/configuration.md lists those that have."),
        ];
    }

    private static Dictionary<string, string> ProcessEnvironment()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            all[(string)entry.Key] = (string?)entry.Value ?? string.Empty;
        }

        return all;
    }
}
