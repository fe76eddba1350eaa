using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using Npgsql;

namespace MemoryMesh.ServiceDefaults.Storage.Moving;

/// <summary>Where an installation keeps its data: a data folder, and beside it the servers that some services use instead of files.</summary>
public sealed partial class InstallationPlace
{
    private const string FromEnvironment = "env:";

    /// <summary>The services whose documents can be moved to MongoDB and back, in builds that have it.</summary>
    private static readonly string[] WithDocuments = ["chat", "memory"];

    private static readonly string[] KnownNames = [.. StoreEngines.OnPostgres, .. WithDocuments, QdrantAddress.Name, QdrantAddress.HttpName];

    private readonly SortedDictionary<string, string> _addresses = new(StringComparer.Ordinal);

    private InstallationPlace()
    {
    }

    /// <summary>The data folder as it was given; null when none was.</summary>
    public string? Folder { get; private set; }

    /// <summary>Names of the connection strings that were given, which are those of the settings.</summary>
    public IReadOnlyCollection<string> Names => _addresses.Keys;

    /// <summary>Whether Search has its vectors in Qdrant.</summary>
    public bool HasQdrant => _addresses.ContainsKey(QdrantAddress.Name);

    /// <summary>Reads the parts of a place.</summary>
    /// <param name="parts">
    /// A folder; an address of PostgreSQL or MongoDB, for every service that can be there, or of Qdrant; <c>auth=</c>, <c>retention=</c>, <c>chat=</c>, <c>memory=</c>, <c>qdrant=</c> or
    /// <c>qdrant_http=</c> before an address, for that one alone. <c>env:NAME</c> stands for what the environment has under that name.
    /// </param>
    /// <param name="environment">Looks a name up.</param>
    /// <exception cref="StartupException">A part is none of these, or is given twice. The message holds no address.</exception>
    public static InstallationPlace Parse(IReadOnlyList<string> parts, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(environment);
        var place = new InstallationPlace();
        foreach (var part in parts)
        {
            place.Add(part, environment);
        }

        if (place._addresses.ContainsKey(QdrantAddress.HttpName) && !place.HasQdrant)
        {
            throw new StartupException($"{QdrantAddress.HttpName} says where the REST API of a Qdrant is, and there is no {QdrantAddress.Name}.");
        }

        return place;
    }

    /// <summary>Gives it the data folder that it lacks.</summary>
    public void UseFolder(string folder) => Folder ??= folder;

    /// <summary>Whether a service keeps its rows in PostgreSQL.</summary>
    public bool IsOnPostgres(string service) => StoreEngines.OnPostgres.Contains(service) && _addresses.ContainsKey(service);

    /// <summary>Whether a service keeps its documents in MongoDB.</summary>
    public bool IsInMongo(string service) => WithDocuments.Contains(service) && _addresses.ContainsKey(service);

    /// <summary>The settings that a server of this installation has, with secrets.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings()
        => [
            new($"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}", Folder),
            .. _addresses.Select(address => new KeyValuePair<string, string?>($"ConnectionStrings:{address.Key}", address.Value)),
        ];

    /// <summary>Tells it from other places, without secrets.</summary>
    public string Fingerprint()
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Path.GetFullPath(Folder!)}\n{string.Join('\n', Names.Select(name => $"{name}={Locate(name)}"))}")).AsSpan(0, 16));

    /// <summary>Where it is, for people: hosts and names of databases, without users and secrets.</summary>
    public string Describe()
        => string.Join(", ", [$"the folder {Folder}", .. Names.Where(name => name != QdrantAddress.HttpName).Select(name => $"{name} in {Locate(name)}")]);

    /// <summary>Where one of its stores is: host, port and name of the database, without user and secrets.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public string Locate(string name)
    {
        if (WithDocuments.Contains(name))
        {
            return MongoLocation().Match(_addresses[name]).Groups[1].Value;
        }

        if (!StoreEngines.OnPostgres.Contains(name))
        {
            return QdrantAddress.Parse(_addresses[name], name == QdrantAddress.Name ? _addresses.GetValueOrDefault(QdrantAddress.HttpName) : null) is { } qdrant ? qdrant.Http.GetLeftPart(UriPartial.Authority) : "";
        }

        var address = new NpgsqlConnectionStringBuilder(_addresses[name]);
        return $"{address.Host}:{address.Port}/{address.Database}";
    }

    private void Add(string part, Func<string, string?> environment)
    {
        if (part.StartsWith(FromEnvironment, StringComparison.Ordinal))
        {
            var name = part[FromEnvironment.Length..];
            part = environment(name) is { Length: > 0 } value ? value : throw new StartupException($"The environment has no {name}.");
        }

        foreach (var name in KnownNames)
        {
            if (part.StartsWith($"{name}=", StringComparison.OrdinalIgnoreCase))
            {
                var address = part[(name.Length + 1)..];
                if (address.StartsWith(FromEnvironment, StringComparison.Ordinal))
                {
                    address = environment(address[FromEnvironment.Length..]) ?? "";
                }

                Add(name, Read(name, address));
                return;
            }
        }

        if (Postgres(part) is { } everything)
        {
            foreach (var service in StoreEngines.OnPostgres)
            {
                Add(service, everything);
            }
        }
        else if (StoreAddresses.NormalizeMongo(part) is { } documents)
        {
            foreach (var service in WithDocuments)
            {
                Add(service, documents);
            }
        }
        else if (part.Contains("://", StringComparison.Ordinal) || part.StartsWith("Endpoint=", StringComparison.OrdinalIgnoreCase))
        {
            Add(QdrantAddress.Name, Read(QdrantAddress.Name, part));
        }
        else if (part.Contains('=', StringComparison.Ordinal))
        {
            throw new StartupException($"An address has a name that stands for no store that can be moved: there are {string.Join(", ", [.. StoreEngines.OnPostgres, .. WithDocuments])} and {QdrantAddress.Name}.");
        }
        else if (Folder is not null)
        {
            throw new StartupException("Two data folders are given for one installation.");
        }
        else
        {
            Folder = part;
        }
    }

    private void Add(string name, string? address)
    {
        if (address is null)
        {
            throw new StartupException($"What is given for {name} is no address that can be used: it takes {Describe(name)}.");
        }

        if (WithDocuments.Contains(name) && !DocumentStores.InMongo.Contains(name))
        {
            throw new StartupException("This build has no MongoDB: `-p:Stack=aspire` builds one that has it.");
        }

        if (!_addresses.TryAdd(name, address))
        {
            throw new StartupException($"{name} is given twice.");
        }
    }

    /// <summary>An address as settings have it; null when it is none.</summary>
    private static string? Read(string name, string address)
        => StoreEngines.OnPostgres.Contains(name) ? Postgres(address)
            : WithDocuments.Contains(name) ? StoreAddresses.NormalizeMongo(address)
            : QdrantAddress.Parse(address) is null ? null : address;

    private static string Describe(string name)
        => StoreEngines.OnPostgres.Contains(name) ? $"{EnvironmentValue.PostgresAddress.Describe()}, with the name of a database"
            : WithDocuments.Contains(name) ? EnvironmentValue.MongoAddress.Describe()
            : "http://host:6333, or Endpoint=http://host:6334;Key=...";

    /// <summary>Hosts and name of the database, between the user and the options.</summary>
    [GeneratedRegex("://(?:[^@/]*@)?([^?]*?)/?(?:\\?.*)?$")]
    private static partial Regex MongoLocation();

    private static string? Postgres(string text)
        => StoreAddresses.NormalizePostgres(text) is { } address && address != StoreAddresses.Embedded && StoreEngines.CanBePostgres(address) ? address : null;
}
