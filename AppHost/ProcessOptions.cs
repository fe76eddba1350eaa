using System.ComponentModel.DataAnnotations;
using System.Globalization;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.AppHost;

/// <summary>Settings of <c>--processes</c>, section <c>Processes</c>.</summary>
public sealed class ProcessOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Processes";

    private const int Most = 64;

    /// <summary>Embedders that run beside the services and compute vectors for Search (<c>Search:Embedders</c>). Default 0.</summary>
    [Range(0, Most)]
    public int Embedders { get; set; }

    /// <summary>Searchers that run beside the services and answer searches with the index of Search (<c>Search:Role</c>). Default 0.</summary>
    [Range(0, Most)]
    public int Searchers { get; set; }

    /// <summary>Readers that run beside the services and answer contexts with what Memory knows (<c>Memory:Role</c>). Default 0.</summary>
    [Range(0, Most)]
    public int Readers { get; set; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="StartupException">A value is not allowed.</exception>
    internal static ProcessOptions Read(IConfiguration configuration)
        => new() { Embedders = Number(configuration, nameof(Embedders)), Searchers = Number(configuration, nameof(Searchers)), Readers = Number(configuration, nameof(Readers)) };

    private static int Number(IConfiguration configuration, string name)
        => configuration[$"{Section}:{name}"] switch
        {
            null or "" => 0,
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= Most => number,
            _ => throw new StartupException($"{Section}:{name} must be a whole number from 0 to {Most}."),
        };
}
