using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Auth;

/// <summary>Settings of tenants, section <c>Tenants</c>.</summary>
public sealed class TenantOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Tenants";

    /// <summary>Whether a slug that nobody owns becomes the tenant of the account that first writes to it. Default false; the embedded host sets true.</summary>
    public bool ClaimOnFirstUse { get; set; }

    /// <summary>Tenants one account may own. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxOwned { get; set; } = 1_000;
}

[OptionsValidator]
internal sealed partial class TenantOptionsValidator : IValidateOptions<TenantOptions>;
