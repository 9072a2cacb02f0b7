using System;
using System.IO;
using System.Threading;
using Gateway.Api;

namespace Gateway
{
	/* Serves or checks API Management policies.  Exit status: 1, lint found something; 2, it cannot
	 * be served as it is. */
	static class Program
	{
		static int Main(string[] args)
		{
			try
			{
				if (args.Length == 1 && args[0] == "check")
					return PolicyCheck.Run(Console.In, Console.Out);
				var options = Options.Parse(args);
				return options.Lint ? Linter.Run(options) : Serve(options);
			}
			catch (Exception e) when (e is StartException || e is IOException
				|| e is UnauthorizedAccessException || e is System.Net.Sockets.SocketException)
			{
				Console.Error.WriteLine("gateway: " + e.Message);
				return 2;
			}
		}

		static int Serve(Options options)
		{
			var problems = new Problems();
			var policies = LoadedPolicies.Load(options, problems);
			if (problems.Any)
			{
				foreach (var line in problems.Lines)
					Console.Error.WriteLine(line);
				return 2;
			}
			PolicyClock.Manual = options.ManualClock;
			var gateway = Services(options, policies);
			var server = new HttpServer(options.Listen, options.Port, exchange => Answer(gateway, exchange));
			var control = new HttpServer(options.Listen, options.ControlPort, new Control(gateway).OnExchange);
			server.Start();
			control.Start();
			Console.WriteLine("gateway: listening on " + server.Url);
			Console.WriteLine("gateway: control on " + control.Url);
			Thread.Sleep(Timeout.Infinite);
			return 0;
		}

		static GatewayServices Services(Options options, LoadedPolicies policies)
		{
			var upstream = new Upstream(options.Places, new TlsTrust(options.CaFile));
			foreach (var pair in options.Backends)
				policies.Catalogue.Backends[pair.Key] = pair.Value;
			var builder = new StepBuilder(policies.Set, policies.Expressions);
			return new GatewayServices
			{
				Upstream = upstream, Keys = new SigningKeys(upstream),
				Cache = new InternalCache(options.CacheEntries, options.MissIsNull),
				Backends = policies.Catalogue.Backends, Login = options.Login,
				Identity = options.Identity, IdentityHeader = options.IdentityHeader,
				Router = new Router(policies.Catalogue),
				Pipelines = new Pipelines(policies.Catalogue, policies.Set, builder),
			};
		}

		/* A mistake of the emulator itself must never pass for one of the policies. */
		static void Answer(GatewayServices gateway, ServerExchange exchange)
		{
			try
			{
				new Execution(gateway, exchange).Run();
			}
			catch (Exception e) when (!(e is IOException) && !exchange.Answered)
			{
				gateway.Counters.Add("faults");
				Console.Error.WriteLine("gateway: fault: " + e);
				exchange.Answer(500, "Emulator Fault", new HeaderMap(),
					System.Text.Encoding.UTF8.GetBytes("{\"emulator_fault\":true}"));
			}
		}
	}
}
