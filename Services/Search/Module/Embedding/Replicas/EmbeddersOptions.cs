using System.ComponentModel.DataAnnotations;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Search.Embedding.Replicas;

/// <summary>
/// Embedders, section <c>Search:Embedders</c>: processes of the Search program whose <c>Search:Role</c> is <c>embedder</c>, which compute vectors of texts that wait and keep nothing.
/// Search sends to those at <c>services__embedders__http__0</c> and the numbers after it, with the built-in model only; without an address it computes alone.
/// </summary>
public sealed class EmbeddersOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Search:Embedders";

    /// <summary>
    /// Secret that Search and its embedders share, at least 32 characters, for example from <c>openssl rand -hex 32</c>. Needed by both: embedders are given no root key.
    /// </summary>
    [MinLength(32)]
    public string? Key
    {
        get;

        // A name without a value, as files of environment names have it, is no secret.
        set => field = string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>
    /// Most calls at a time to one address. Fewer are made when the embedders behind it answer that they are full, more when they do not. Default 16.
    /// </summary>
    [Range(1, 256)]
    public int MostCalls { get; set; } = 16;

    /// <summary>Longest time for a call of at most 48 texts; after it they are computed by Search itself. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls to an address within half a minute open its circuit when half of them fail: nothing is sent there then for a while. Default 4.</summary>
    [Range(2, 1_000)]
    public int BreakAfter { get; set; } = 4;

    /// <summary>For how long nothing is sent to an address whose circuit is open, or which has another model. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Of an embedder: calls that it takes at a time, of which those wait that its threads do not compute; one more is answered 503. 0 is twice its threads. Default 0.
    /// </summary>
    [Range(0, 256)]
    public int Capacity { get; set; }
}

/// <summary>Checks each setting alone.</summary>
[OptionsValidator]
internal sealed partial class EmbeddersOptionsBoundsValidator : IValidateOptions<EmbeddersOptions>;

/// <summary>Checks that there is a secret where there are embedders.</summary>
internal sealed class EmbeddersOptionsValidator(IConfiguration configuration) : IValidateOptions<EmbeddersOptions>
{
    public ValidateOptionsResult Validate(string? name, EmbeddersOptions options)
    {
        try
        {
            return options.Key is null && (SearchModule.IsEmbedder(configuration) || ServiceAddresses.FindAll(configuration, SearchModule.Embedders).Count > 0)
                ? ValidateOptionsResult.Fail(
                    $"{EmbeddersOptions.Section}:{nameof(EmbeddersOptions.Key)} must hold a secret of at least 32 characters that Search and its embedders share.")
                : ValidateOptionsResult.Success;
        }
        catch (StartupException exception)
        {
            return ValidateOptionsResult.Fail(exception.Message);
        }
    }
}
