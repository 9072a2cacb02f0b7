using System;
namespace Gateway { static class Linter { internal static int Run(Options o) { var p = new Problems(); LoadedPolicies.Load(o, p); foreach (var l in p.Lines) Console.WriteLine(l); return p.Any ? 1 : 0; } } }
