using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace MemoryMesh.Tests.Unit.Deployment;

/// <summary>The published Helm chart: its values, and its objects with the values put in.</summary>
internal sealed partial class Chart
{
    public static readonly string Folder = Path.Combine(AppModel.Root, "deploy", "kubernetes");

    public Chart()
    {
        Values = Read(File.ReadAllText(Path.Combine(Folder, "values.yaml")));
        Metadata = Read(File.ReadAllText(Path.Combine(Folder, "Chart.yaml")));
        Templates = Directory.GetFiles(Path.Combine(Folder, "templates"), "*.yaml", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(Folder, file), File.ReadAllText);
        Objects = [.. Templates.Values.Select(template => Read(Expression().Replace(template, match => Value(match.Groups[1].Value.Split('|')[0].Trim()))))];
    }

    public YamlMappingNode Values { get; }

    public YamlMappingNode Metadata { get; }

    public IReadOnlyDictionary<string, string> Templates { get; }

    public IReadOnlyList<YamlMappingNode> Objects { get; }

    /// <summary>Paths of values that the templates read, as in <c>secrets.auth.index_key</c>.</summary>
    public IEnumerable<string> Used => Templates.Values.SelectMany(template => ValuePath().Matches(template)).Select(match => match.Groups[1].Value).Distinct();

    /// <summary>Objects of a kind, by their names.</summary>
    public Dictionary<string, YamlMappingNode> OfKind(string kind)
        => Objects.Where(item => Text(item, "kind") == kind).ToDictionary(item => Text(item, "metadata.name")!);

    /// <summary>The object that runs a component.</summary>
    public YamlMappingNode Workload(string component)
        => Objects.Single(item => Text(item, "kind") is "Deployment" or "StatefulSet" && Component(item) == component);

    public IEnumerable<YamlMappingNode> Workloads => Objects.Where(item => Text(item, "kind") is "Deployment" or "StatefulSet");

    /// <summary>The component that an object belongs to.</summary>
    public static string? Component(YamlNode item)
        => item["metadata"] is YamlMappingNode metadata && metadata.Children.TryGetValue("labels", out var labels) ? ((YamlScalarNode)labels["app.kubernetes.io/component"]).Value : null;

    /// <summary>A value of the chart; null when it is not there.</summary>
    public string? Find(string path) => Text(Values, path);

    /// <summary>The text at a path; null when nothing is there.</summary>
    public static string? Text(YamlNode node, string path) => (At(node, path) as YamlScalarNode)?.Value;

    /// <summary>The node at a path; null when nothing is there. Numbers count the items of lists.</summary>
    public static YamlNode? At(YamlNode node, string path)
    {
        YamlNode? current = node;
        foreach (var part in path.Split('.'))
        {
            current = current switch
            {
                YamlMappingNode mapping when mapping.Children.TryGetValue(part, out var child) => child,
                YamlSequenceNode list when int.TryParse(part, out var index) && index < list.Children.Count => list[index],
                _ => null,
            };
        }

        return current;
    }

    public static YamlMappingNode Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }

    private string Value(string expression) => expression switch
    {
        ".Chart.Name" => Text(Metadata, "name")!,
        ".Release.Name" => "release",
        _ when expression.StartsWith(".Values.", StringComparison.Ordinal) => Find(expression[".Values.".Length..]) ?? throw new InvalidOperationException($"{expression} has no value."),
        _ => throw new InvalidOperationException($"{expression} is not known."),
    };

    [GeneratedRegex(@"\{\{(.*?)\}\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"\.Values\.([A-Za-z0-9_.]+)")]
    private static partial Regex ValuePath();
}
