using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MemoryMesh.AppHost.Docs;

/// <summary>Summaries of documentation comments, from the .xml files beside the assemblies, as Markdown on one line.</summary>
internal static partial class XmlSummaries
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, string>> Files = new();

    public static string Of(Type type) => Find(type.Assembly, $"T:{NameOf(type)}");

    public static string Of(PropertyInfo property) => Find(property.DeclaringType!.Assembly, $"P:{NameOf(property.DeclaringType)}.{property.Name}");

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    private static string Find(Assembly assembly, string member)
        => Files.GetOrAdd(assembly, Read).TryGetValue(member, out var summary)
            ? summary
            : throw new InvalidOperationException($"{member} has no <summary>: the documentation needs one.");

    private static Dictionary<string, string> Read(Assembly assembly)
        => XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml"))
            .Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(
                member => (string)member.Attribute("name")!,
                member => Whitespace().Replace(string.Concat(member.Element("summary")!.Nodes().Select(Markdown)), " ").Trim());

    private static string Markdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element when element.Attribute("cref") is { } reference => $"`{reference.Value[(reference.Value.LastIndexOf('.') + 1)..]}`",
        XElement element when (element.Attribute("langword") ?? element.Attribute("name")) is { } name => $"`{name.Value}`",
        XElement element => string.Concat(element.Nodes().Select(Markdown)),
        _ => string.Empty,
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
