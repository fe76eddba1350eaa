using MemoryMesh.Retention;

namespace MemoryMesh.Tests.Unit.Architecture;

public class SurfaceTests
{
    private static IEnumerable<Module> Modules => Module.All;

    [TestCaseSource(nameof(Modules))]
    public void A_module_shows_its_entry_points_and_options_and_nothing_else(object module)
    {
        var found = (Module)module;
        Assert.That(Surplus(found.AssemblyName, found.Assembly.GetExportedTypes().Select(type => type.FullName!)), Is.Empty);
    }

    [Test]
    public void A_public_type_that_is_neither_is_seen()
        => Assert.That(
            Surplus("MemoryMesh.Chat", ["MemoryMesh.Chat.ChatModule", "MemoryMesh.Chat.ChatOptions", "MemoryMesh.Chat.Storage.MessageRecord", "MemoryMesh.Chat.Extraction.IThing"]),
            Is.EqualTo((string[])["MemoryMesh.Chat.Storage.MessageRecord", "MemoryMesh.Chat.Extraction.IThing"]));

    [Test]
    public void The_entry_points_are_there()
        => Assert.That(typeof(RetentionModule).Assembly.GetExportedTypes(), Has.Length.EqualTo(3));

    /// <summary>Public types that are not the module class, the pipeline of the Gateway, options, or the seam that extractors are added through.</summary>
    private static IEnumerable<string> Surplus(string module, IEnumerable<string> types)
    {
        var name = module.Split('.')[^1];
        return types.Where(type => type != $"{module}.{name}Module"
            && type != "MemoryMesh.Gateway.GatewayPipeline"
            && !(type.StartsWith($"{module}.", StringComparison.Ordinal) && type.EndsWith("Options", StringComparison.Ordinal))
            && !type.StartsWith("MemoryMesh.Memory.Extraction.", StringComparison.Ordinal));
    }
}
