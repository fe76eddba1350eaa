using System.Reflection;

namespace MemoryMesh.AppHost.Docs;

/// <summary>The assemblies of the product beside this one: found, not listed, so that a new service is documented by being there.</summary>
internal static class ProductAssemblies
{
    public static readonly IReadOnlyList<Assembly> All =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "MemoryMesh.*.dll")
            .Select(Path.GetFileNameWithoutExtension)
            .OfType<string>()
            .Where(name => !name.StartsWith("MemoryMesh.Tests.", StringComparison.Ordinal) && name != "MemoryMesh.Benchmarks")
            .Order(StringComparer.Ordinal)
            .Select(name => Assembly.Load(new AssemblyName(name))),
    ];

    /// <summary>Values of static fields of a type, in classes whose name ends so.</summary>
    public static IEnumerable<(Type Owner, T Value)> StaticFields<T>(string ownerSuffix = "")
        => from assembly in All
           from type in assembly.GetTypes()
           where type.Name.EndsWith(ownerSuffix, StringComparison.Ordinal) && !type.ContainsGenericParameters
           from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
           where typeof(T).IsAssignableFrom(field.FieldType)
           select (type, (T)field.GetValue(null)!);
}
