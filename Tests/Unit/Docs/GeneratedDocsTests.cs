using MemoryMesh.AppHost;
using MemoryMesh.AppHost.Docs;
using MemoryMesh.Retention;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Unit.Docs;

public class GeneratedDocsTests
{
    private static IEnumerable<TestCaseData> Pages
        => DocsCommand.Pages.Select(page => new TestCaseData(page.Path, page.Render).SetArgDisplayNames(page.Path));

    [TestCaseSource(nameof(Pages))]
    public void A_page_that_is_made_from_the_code_is_up_to_date(string path, Func<string> render)
    {
        var file = Path.Combine(TestHost.RepositoryRoot(), path);
        Assert.That(File.Exists(file), $"{path} is missing: run `{DocsCommand.CommandLine}`.");
        Assert.That(File.ReadAllText(file), Is.EqualTo(render()), $"{path} is stale: run `{DocsCommand.CommandLine}`.");
    }

    [Test]
    public void Every_services_settings_are_on_the_configuration_page()
    {
        var sections = ConfigurationPage.FindOptions().Select(options => options.Section).ToList();
        Assert.That(sections, Is.Unique);
        Assert.That(sections, Does.Contain("Retention").And.Contain("Storage"));
        Assert.That(
            ConfigurationPage.Settings("Retention", typeof(RetentionOptions), new RetentionOptions()).Select(setting => setting.Key),
            Does.Contain("Retention:MaxAgeDays"));
    }

    [Test]
    public void A_problem_type_means_one_thing()
    {
        var kinds = ProblemsPage.Kinds;
        Assert.Multiple(() =>
        {
            Assert.That(kinds, Has.Count.GreaterThanOrEqualTo(18));
            Assert.That(kinds.Select(kind => kind.Slug), Is.Unique);
            Assert.That(kinds.Select(kind => kind.Slug), Is.All.Match("^[a-z0-9]+(-[a-z0-9]+)*$"));
            Assert.That(kinds.Select(kind => kind.Status), Is.All.InRange(400, 599));
            Assert.That(kinds.Select(kind => kind.Detail), Is.All.Not.Empty);
        });
    }

    [Test]
    public void An_environment_name_sets_a_setting_that_exists()
    {
        var settings = ConfigurationPage.FindOptions()
            .SelectMany(options => ConfigurationPage.Settings(options.Section, options.Type, Activator.CreateInstance(options.Type)))
            .Select(setting => setting.Key)
            .Concat(["Logging:LogLevel:Default", "ConnectionStrings:postgres", "ConnectionStrings:mongodb", "ConnectionStrings:redis"])
            .ToHashSet();
        Assert.That(ServiceDefaults.Configuration.EnvironmentNames.All.Select(name => name.Key).OfType<string>(), Is.All.Matches<string>(settings.Contains));
    }
}
