using System.ComponentModel.DataAnnotations;
using System.Globalization;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.AppHost;

/// <summary>Settings of <c>--processes</c>, section <c>Processes</c>.</summary>
public sealed class ProcessOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Processes";

    private const int MostEmbedders = 64;

    /// <summary>Embedders that run beside the services and compute vectors for Search (<c>Search:Embedders</c>). Default 0.</summary>
    [Range(0, MostEmbedders)]
    public int Embedders { get; set; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="StartupException">A value is not allowed.</exception>
    internal static ProcessOptions Read(IConfiguration configuration)
        => configuration[$"{Section}:{nameof(Embedders)}"] switch
        {
            null or "" => new(),
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostEmbedders => new() { Embedders = number },
            _ => throw new StartupException($"{Section}:{nameof(Embedders)} must be a whole number from 0 to {MostEmbedders}."),
        };
}
