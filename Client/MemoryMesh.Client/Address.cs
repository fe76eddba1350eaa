using System.Globalization;
using System.Net;
using System.Text;

namespace MemoryMesh.Client;

/// <summary>Path and query of a request, relative to the address of the server.</summary>
internal sealed class Address(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _hasQuery;

    /// <summary>Adds a fixed part of the path.</summary>
    public Address Part(string name)
    {
        _text.Append('/').Append(name);
        return this;
    }

    /// <summary>Adds an id to the path.</summary>
    /// <exception cref="MemoryMeshException">No id can look like this: a path with it would lead elsewhere.</exception>
    public Address Id(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id is "" or "." or ".." || id.Any(char.IsControl))
        {
            throw new MemoryMeshException(
                HttpStatusCode.NotFound,
                new MemoryMeshProblem
                {
                    Type = MemoryMeshProblem.TypePrefix + "not-found",
                    Title = "Not found",
                    Status = (int)HttpStatusCode.NotFound,
                    Detail = "There is nothing here that you may see.",
                });
        }

        return Part(Uri.EscapeDataString(id));
    }

    /// <summary>Adds a parameter; null adds none.</summary>
    public Address Query(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_hasQuery ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            _hasQuery = true;
        }

        return this;
    }

    /// <inheritdoc cref="Query(string, string?)"/>
    public Address Query(string name, int? value) => Query(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Query(string, string?)"/>
    public Address Query(string name, double? value) => Query(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Query(string, string?)"/>
    public Address Query(string name, bool? value) => Query(name, value is null ? null : value.Value ? "true" : "false");

    /// <inheritdoc cref="Query(string, string?)"/>
    public Address Query(string name, DateTimeOffset? value) => Query(name, value?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

    /// <summary>Adds names with commas between them; none adds no parameter.</summary>
    public Address Query(string name, IReadOnlyCollection<string>? values) => Query(name, values is { Count: > 0 } ? string.Join(',', values) : null);

    public Uri ToUri() => new(_text.ToString(), UriKind.Relative);
}
