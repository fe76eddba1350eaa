using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace MemoryMesh.Tests.Unit.Hosting;

/// <summary>An environment with a name and nothing else.</summary>
internal sealed class Surroundings(string name) : IHostEnvironment
{
    public string EnvironmentName { get; set; } = name;

    public string ApplicationName { get; set; } = "test";

    public string ContentRootPath { get; set; } = "/";

    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
}
