using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using MemoryMesh.AppHost;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Gateway;

/// <summary>What dashboard and alerts ask for is there.</summary>
public partial class MonitoringFilesTests
{
    private static readonly string Folder = Path.Combine(TestHost.RepositoryRoot(), "deploy", "monitoring");

    [Test]
    public async Task Every_metric_of_the_dashboard_and_the_alerts_exists()
    {
        var host = await SharedHosts.GetAsync(HostKind.Embedded);
        using var client = host.CreateClient();
        var families = Families(await client.GetStringAsync("/metrics"));

        // Instruments come with the first use of their class, which in this host may be yet to come.
        foreach (var type in typeof(EmbeddedHost).Assembly.GetReferencedAssemblies().Where(name => name.Name!.StartsWith("MemoryMesh.", StringComparison.Ordinal))
            .SelectMany(name => System.Reflection.Assembly.Load(name).GetTypes())
            .Where(type => type.Name.EndsWith("Telemetry", StringComparison.Ordinal) || type.Name == "StoreMetrics"))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        using var metrics = new PrometheusMetrics();
        families.UnionWith(Families(metrics.Write()));

        var alerts = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yml"));
        var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "grafana-dashboard.json"))).RootElement;
        var questions = dashboard.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!)
            .Concat(alerts.Split('\n').Where(line => line.Contains(" expr: ", StringComparison.Ordinal)))
            .ToList();
        Assert.That(questions, Has.Count.GreaterThan(30));
        var asked = questions.SelectMany(question => MetricName().Matches(question).Select(match => match.Value)).ToHashSet();
        Assert.That(asked, Has.Count.GreaterThan(25));
        Assert.That(asked.Where(name => !families.Contains(name) && !families.Contains(Suffix().Replace(name, ""))), Is.Empty, "metrics that do not exist");
    }

    [Test]
    public async Task Every_alert_leads_to_a_heading_of_the_operations_page()
    {
        var headings = (await File.ReadAllLinesAsync(Path.Combine(TestHost.RepositoryRoot(), "docs", "operations.md")))
            .Where(line => line.StartsWith('#'))
            .Select(line => line.TrimStart('#', ' ').ToLowerInvariant().Replace(' ', '-'))
            .ToHashSet();
        var alerts = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yml"));
        var anchors = Anchor().Matches(alerts).Select(match => match.Groups[1].Value).ToList();
        Assert.That(anchors, Has.Count.EqualTo(alerts.Split("- alert:").Length - 1));
        Assert.That(anchors.Distinct(), Is.SubsetOf(headings));
    }

    private static HashSet<string> Families(string text)
        => [.. text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];

    [GeneratedRegex(@"\b(memorymesh|http_server|kestrel|dotnet)_[a-z0-9_]+(?=[\[{) ]|$)")]
    private static partial Regex MetricName();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"runbook: ""docs/operations\.md#([^""]+)""")]
    private static partial Regex Anchor();
}
