using System.Reflection;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>A step of a schema: SQL that is run once, in the order of the names.</summary>
/// <param name="Name">For example <c>0001_messages.sql</c>.</param>
/// <param name="Sql">One or more statements.</param>
public sealed record Migration(string Name, string Sql)
{
    /// <summary>Reads the migrations embedded in a module's assembly as <c>{prefix}{name}</c>, in the order of their names.</summary>
    public static IReadOnlyList<Migration> FromResources(Assembly assembly, string prefix)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return new Migration(name[prefix.Length..], reader.ReadToEnd());
                }),
        ];
    }
}
