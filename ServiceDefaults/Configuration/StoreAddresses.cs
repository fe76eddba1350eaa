using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MemoryMesh.ServiceDefaults.Configuration;

/// <summary>Reads addresses of stores in the forms that programs have for them, and writes each in one form, so that equal addresses are equal texts.</summary>
internal static partial class StoreAddresses
{
    /// <summary>The address of the embedded store.</summary>
    public const string Embedded = "embedded";

    private const int PostgresPort = 5432;
    private const int RedisPort = 6379;

    /// <summary>Names of one thing in URLs, in libpq's <c>keyword=value</c> form and in .NET's connection strings, with the one it gets.</summary>
    private static readonly Dictionary<string, string> PostgresNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["host"] = "Host", ["hostaddr"] = "Host", ["server"] = "Host", ["data source"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database", ["database"] = "Database", ["db"] = "Database", ["initial catalog"] = "Database",
        ["user"] = "Username", ["username"] = "Username", ["user id"] = "Username", ["userid"] = "Username", ["uid"] = "Username", ["user name"] = "Username",
        ["password"] = "Password", ["pwd"] = "Password", ["psw"] = "Password",
        ["sslmode"] = "SSL Mode", ["ssl mode"] = "SSL Mode",
    };

    /// <summary>
    /// A Postgres address: a URL (<c>postgres://</c>, <c>postgresql://</c>, and SQLAlchemy's with a driver, <c>postgresql+asyncpg://</c>), libpq's
    /// <c>host=... dbname=...</c>, or .NET's <c>Host=...;Database=...</c>; or one of SQLite, which means the embedded store.
    /// </summary>
    /// <returns>.NET's form, or <see cref="Embedded"/>; null when it is none of these.</returns>
    public static string? NormalizePostgres(string text)
    {
        if (SqliteForm().IsMatch(text))
        {
            return Embedded;
        }

        var parts = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var read = PostgresUrl().Match(text) is { Success: true } url ? ReadUrl(url, parts)
            : text.Contains("://", StringComparison.Ordinal) ? false
            : KeywordForm().Match(text) is { Success: true } keywords ? ReadKeywords(keywords, parts)
            : ReadConnectionString(text, parts);
        if (!read || !parts.TryGetValue("Host", out var host) || host.Length == 0)
        {
            return null;
        }

        parts.TryAdd("Port", PostgresPort.ToString(CultureInfo.InvariantCulture));
        if (!parts["Port"].Split(',').All(port => ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
        {
            return null;
        }

        var builder = new DbConnectionStringBuilder();
        foreach (var (name, value) in parts)
        {
            builder[name] = value;
        }

        return builder.ConnectionString;
    }

    /// <summary>Whether an address of SQLite names a file: which one is not its to say, everything is kept in the data folder.</summary>
    public static bool NamesFile(string text) => SqliteForm().Match(text.Trim()) is { Success: true } form && form.Groups["file"].Value is not ("" or ":memory:");

    /// <summary>A MongoDB address: <c>mongodb://</c> or <c>mongodb+srv://</c>.</summary>
    public static string? NormalizeMongo(string text) => MongoUrl().IsMatch(text) ? text : null;

    /// <summary>A Redis address: <c>redis://</c>, <c>rediss://</c>, or .NET's <c>host:port,option=value</c>.</summary>
    /// <returns>.NET's form; null when it is none of these.</returns>
    public static string? NormalizeRedis(string text)
    {
        if (RedisUrl().Match(text) is not { Success: true } url)
        {
            return RedisForm().IsMatch(text) ? text : null;
        }

        var port = url.Groups["port"] is { Success: true } given ? given.Value : RedisPort.ToString(CultureInfo.InvariantCulture);
        var (user, password) = (Unescape(url.Groups["user"].Value), Unescape(url.Groups["password"].Value));
        if (user.Contains(',', StringComparison.Ordinal) || password.Contains(',', StringComparison.Ordinal))
        {
            // .NET's form has no way to write it.
            return null;
        }

        // Who gives a password alone is the user "default" too.
        return string.Concat(
            $"{url.Groups["host"].Value}:{port}",
            user is not ("" or "default") ? $",user={user}" : "",
            password.Length > 0 ? $",password={password}" : "",
            url.Groups["database"].Value is { Length: > 0 } database ? $",defaultDatabase={database}" : "",
            url.Groups["tls"].Success ? ",ssl=True" : "");
    }

    private static bool ReadUrl(Match url, SortedDictionary<string, string> parts)
    {
        var hosts = url.Groups["hosts"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(host => HostAndPort().Match(host)).ToList();
        if (hosts.Any(host => !host.Success))
        {
            return false;
        }

        if (hosts.Count > 0)
        {
            parts["Host"] = string.Join(',', hosts.Select(host => Unescape(host.Groups["host"].Value).Trim('[', ']')));
            if (hosts.Any(host => host.Groups["port"].Success))
            {
                parts["Port"] = string.Join(',', hosts.Select(host => host.Groups["port"] is { Success: true } port ? port.Value : $"{PostgresPort}"));
            }
        }

        foreach (var (group, name) in new[] { ("user", "Username"), ("password", "Password"), ("database", "Database") })
        {
            if (url.Groups[group].Value is { Length: > 0 } value)
            {
                parts[name] = Unescape(value);
            }
        }

        foreach (var pair in url.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var end = pair.IndexOf('=', StringComparison.Ordinal);
            if (end <= 0 || !Add(parts, Unescape(pair[..end]), Unescape(pair[(end + 1)..])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool ReadKeywords(Match form, SortedDictionary<string, string> parts)
    {
        var (names, values) = (form.Groups["name"].Captures, form.Groups["value"].Captures);
        return names.Zip(values).All(pair =>
        {
            var value = pair.Second.Value;
            value = value.StartsWith('\'') ? value[1..^1] : value;
            return Add(parts, pair.First.Value, EscapedCharacter().Replace(value, "$1"));
        });
    }

    private static bool ReadConnectionString(string text, SortedDictionary<string, string> parts)
    {
        var builder = new DbConnectionStringBuilder();
        try
        {
            builder.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return false;
        }

        return builder.Keys!.Cast<string>().All(name => Add(parts, name, Convert.ToString(builder[name], CultureInfo.InvariantCulture) ?? ""));
    }

    /// <summary>Adds a part under the name that it has in .NET. False when it is there already with another value.</summary>
    private static bool Add(SortedDictionary<string, string> parts, string name, string value)
    {
        name = PostgresNames.GetValueOrDefault(name, name);
        return parts.TryAdd(name, value) || parts[name] == value;
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text);

    [GeneratedRegex(@"^(sqlite(\+\w+)?://(/(?<file>[^?]*))?(\?.*)?|sqlite:(?<file>[^/?]*)|embedded|(data source|datasource|filename)\s*=\s*(?<file>[^;]*\.(db|db3|sqlite|sqlite3)|:memory:)\s*(;.*)?)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SqliteForm();

    [GeneratedRegex(@"^postgres(ql)?(\+\w+)?://((?<user>[^:@/?]*)(:(?<password>[^@/?]*))?@)?(?<hosts>[^/?@]*)(/(?<database>[^?]*))?(\?(?<query>.*))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PostgresUrl();

    [GeneratedRegex(@"^(?<host>\[[0-9a-f:.%]+\]|[^:\[\]\s]+)(:(?<port>\d{1,5}))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();

    [GeneratedRegex(@"^(?:\s*(?<name>[a-z_]+)\s*=\s*(?<value>'(?:[^'\\]|\\.)*'|(?:[^\s;'\\]|\\.)*)(?=\s|$))+\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex KeywordForm();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex EscapedCharacter();

    [GeneratedRegex(@"^mongodb(\+srv)?://([^@/\s]*@)?[^@/?\s]+(/\S*|\?\S*)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MongoUrl();

    [GeneratedRegex(@"^redis(?<tls>s)?://((?<user>[^:@/]*)(:(?<password>[^@/]*))?@)?(?<host>\[[0-9a-f:.]+\]|[^:/?@\s]+)(:(?<port>\d{1,5}))?(/(?<database>\d*))?(\?.*)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RedisUrl();

    [GeneratedRegex(@"^[^\s,:/=]+(:\d{1,5})?(,[^\s,=]+(:\d{1,5})?)*(,\s*\w+\s*=[^,]*)*$", RegexOptions.CultureInvariant)]
    private static partial Regex RedisForm();
}
